package io.tributary.collector.storage;

import io.tributary.collector.log.LogCursor;
import io.tributary.collector.log.LogFrame;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.partition.Rows;
import io.tributary.model.InvalidBatchException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the log of the store. A record counts from the moment it is published, which is before it is acknowledged. */
final class StoreLog implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLog.class);
    private static final LogEntry.ErasedFilter NOTHING_ERASED = (device, channel, time) -> false;

    private final EngineParts parts;

    StoreLog(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public LogPosition newest() {
        return parts.lifecycle().tail().newest();
    }

    @Override
    public LogPosition oldest() {
        return at(Long.MIN_VALUE);
    }

    @Override
    public LogPosition at(long collectorTimeNs) {
        try {
            return parts.log().at(collectorTimeNs, newest());
        } catch (IOException e) {
            throw new StorageException("the log cannot be read", e);
        }
    }

    @Override
    public @Nullable LogEntry next(LogPosition position) {
        LogPosition newest = newest();
        boolean inside = position.position() < newest.position();
        if (!inside && !position.equals(newest)) {
            throw notOurs(position, newest);
        }
        try (LogCursor cursor = parts.log().cursor(position.position(), newest.position())) {
            for (LogFrame frame = cursor.next(); frame != null; frame = cursor.next()) {
                LogRecord record = frame.record();
                if (frame.position() == position.position() && record != null && frame.number() != position.number()) {
                    throw notOurs(position, newest);
                }
                if (record != null && record.readings() > 0) {
                    return entry(position, frame, record);
                }
            }
        } catch (IOException e) {
            throw new StorageException("the log cannot be read behind byte " + position.position(), e);
        }
        long missed = newest.number() - position.number();
        return missed > 0 ? new LogEntry(newest, missed, 0, null, NOTHING_ERASED) : null;
    }

    private static IllegalArgumentException notOurs(LogPosition position, LogPosition newest) {
        return new IllegalArgumentException("the position is none of this log: no record " + position.number()
                + " begins at byte " + position.position() + ", the newest ends at " + newest.position()
                + "; expected one that this store has given out");
    }

    private LogEntry entry(LogPosition position, LogFrame frame, LogRecord record) {
        LogPosition after = new LogPosition(frame.number() + 1, frame.next());
        long missed = Math.max(0, frame.number() - position.number());
        String damage = frame.damage();
        try {
            if (damage != null) {
                throw new InvalidBatchException(damage);
            }
            Rows rows = LogRows.of(record);
            long time = record.collectorTimeNs();
            Erasures.View erasures = parts.lifecycle().erasures().view();
            return new LogEntry(
                    after,
                    missed,
                    time,
                    rows,
                    (device, channel, event) -> erasures.of(device).stream()
                            .anyMatch(erasure -> erasure.covers(event, time) && erasure.coversChannel(channel)));
        } catch (InvalidBatchException e) {
            LOG.error("log record at byte {} is damaged: {}", frame.position(), e.getMessage());
            return new LogEntry(after, missed + 1, 0, null, NOTHING_ERASED);
        }
    }

    @Override
    public boolean await(LogPosition position, long millis) throws InterruptedException {
        return parts.lifecycle().tail().await(() -> behind(position) > 0, millis);
    }

    @Override
    public void wake() {
        parts.lifecycle().tail().wake();
    }

    @Override
    public long behind(LogPosition position) {
        return Math.max(0, newest().number() - position.number());
    }
}
