package io.tributary.collector.storage;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogCursor;
import io.tributary.collector.log.LogFrame;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RoutedRows;
import io.tributary.collector.partition.Rows;
import io.tributary.model.InvalidBatchException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes ledgers, dead letters and heads again from the log, before any thread is started. A record that cannot be read
 * becomes a dead letter, its readings count as rejected, and the rest goes on.
 */
final class Recovery {
    static final String DAMAGED = "damaged-log-record";

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final EngineParts parts;
    private final Flusher flusher;
    private final long timeNs;
    /** Where the ledgers of the database end. */
    private final LogPosition ledgers;
    /** One object per origin, so that comparing origins of rows is comparing references. */
    private final Map<Origin, Origin> origins = new HashMap<>();

    private LogPosition at;
    private long lastTimeNs;
    private long records;

    /** @param timeNs collector time of dead letters */
    Recovery(EngineParts parts, Flusher flusher, LogPosition ledgers, long timeNs) {
        this.parts = parts;
        this.flusher = flusher;
        this.ledgers = ledgers;
        this.at = ledgers;
        this.timeNs = timeNs;
        this.lastTimeNs = timeNs;
    }

    /**
     * @param from where reading begins
     * @return how many records were read
     */
    long run(long from) throws RocksDBException, IOException {
        parts.backlog().logged(Math.max(from, parts.log().start()));
        LogPosition end = parts.log().newest();
        try (LogCursor cursor = parts.log().scan(from, end.position())) {
            for (LogFrame frame = cursor.next(); frame != null; frame = cursor.next()) {
                take(frame);
            }
        }
        at = end;
        publish();
        for (Partition partition : parts.partitions()) {
            // What a crash left is flushed at once, so that crashes in a row do not hold back more and more log.
            synchronized (partition) {
                if (!partition.active().isEmpty()) {
                    partition.active().setDue();
                }
            }
        }
        if (parts.store().damaged().any()) {
            countLost();
        }
        parts.lifecycle().tail().grown(end);
        return records;
    }

    private void take(LogFrame frame) throws RocksDBException {
        LogRecord record = frame.record();
        String damage = frame.damage();
        if (record == null || damage != null) {
            quarantine(frame, frame.bytes(), String.valueOf(damage));
        } else {
            records++;
            lastTimeNs = Math.max(lastTimeNs, record.collectorTimeNs());
            try {
                if (record.readings() > 0) {
                    apply(frame.position(), record);
                }
                account(frame, record);
            } catch (InvalidBatchException e) {
                quarantine(frame, record.batch(), String.valueOf(e.getMessage()));
            }
        }
        parts.backlog().logged(frame.next());
        makeRoom();
    }

    /** Ledgers and dead letters of a record that the database does not know of. */
    private void account(LogFrame frame, LogRecord record) throws RocksDBException {
        if (frame.position() < ledgers.position()) {
            return;
        }
        Origin origin = record.origin();
        OriginLedger after = Ledgers.after(parts.book().ledger(origin), record);
        set(origin, after);
        at = new LogPosition(frame.number() + (record.readings() > 0 ? 1 : 0), frame.next());
        publish();
        List<DeadLetters.Letter> letters = Ledgers.letters(record);
        if (!letters.isEmpty()) {
            parts.checkpoint().write(letters);
        }
    }

    private void set(Origin origin, OriginLedger ledger) {
        parts.book().publish(origin, ledger);
        parts.book().acknowledge(origin, ledger);
    }

    private void publish() {
        parts.publication().lock();
        try {
            parts.checkpoint().published(at, lastTimeNs);
        } finally {
            parts.publication().unlock();
        }
    }

    private void apply(long position, LogRecord record) throws InvalidBatchException {
        Rows rows = LogRows.of(record);
        Origin origin = origins.computeIfAbsent(record.origin(), same -> same);
        for (RoutedRows routed : parts.router().route(rows)) {
            Partition partition = parts.partitions()[routed.partition()];
            if (position >= partition.nextOffset()) {
                partition.append(parts.backlog(), position, origin, record.collectorTimeNs(), routed);
            }
        }
    }

    /** Readings that arrived and are nowhere were in records that cannot be read: they count as rejected. */
    private void countLost() throws RocksDBException {
        Accounts accounts = new Accounts(parts);
        for (Origin origin : parts.book().origins()) {
            OriginAccount account = accounts.account(origin);
            long lost = account.receivedReadings()
                    - account.stored()
                    - account.duplicate()
                    - account.replaced()
                    - account.expired()
                    - account.erased()
                    - account.rejectedReadings();
            if (lost > 0) {
                LOG.error("{} readings of {} were in log records that cannot be read any more", lost, origin);
                set(origin, parts.book().ledger(origin).reject(DAMAGED, lost));
            }
        }
        parts.checkpoint().writeLedgers();
    }

    /** The budget for heads may be smaller than it was. */
    private void makeRoom() throws RocksDBException {
        boolean full = parts.backlog().headBytes() > parts.options().headBytes();
        for (Partition partition : parts.partitions()) {
            boolean due;
            synchronized (partition) {
                due = partition.active().isDue();
            }
            if (due || full) {
                flusher.flush(partition);
            }
        }
    }

    /**
     * A stretch that is no record, or a record whose batch cannot be read. It stays where it is; a note keeps it from being
     * counted again.
     */
    private void quarantine(LogFrame frame, byte[] bytes, String detail) throws RocksDBException {
        String place = "log at byte " + frame.position() + ": " + detail;
        parts.store().damaged().metLog(parts.log().fileOf(frame.position()), detail);
        byte[] note = Keys.damagedLog(frame.position());
        if (parts.store().get(parts.store().meta, note) != null) {
            return;
        }
        LOG.error("{}; it is kept as a dead letter", place);
        LogRecord record = frame.record();
        long readings = 0;
        Origin origin = null;
        if (record != null) {
            readings = record.readings();
            origin = record.origin();
            OriginLedger ledger = parts.book().ledger(origin);
            if (frame.position() >= ledgers.position()) {
                ledger = Ledgers.after(ledger, record);
            }
            set(origin, readings == 0 ? ledger : ledger.reject(DAMAGED, readings));
        }
        if (frame.next() > at.position()) {
            at = new LogPosition(Math.max(at.number(), frame.number() + (readings > 0 ? 1 : 0)), frame.next());
        }
        publish();
        parts.checkpoint()
                .write(List.of(new DeadLetters.Letter(timeNs, DAMAGED, place, origin, null, readings, bytes)));
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(parts.store().meta, note, Keys.longs(timeNs));
            parts.store().writeAside(batch, false);
        }
    }
}
