package io.tributary.collector.storage;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.log.LogRecordCodec;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Rows;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.InvalidBatchException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds the heads from the log, before any thread is started. A record that cannot be read becomes a dead letter, its
 * readings count as rejected, and the rest goes on.
 */
final class Recovery {
    static final String DAMAGED = "damaged-log-record";
    /** Records in a row that cannot be read, before it is taken that none follow: more than a block holds. */
    private static final int LOST_MAX = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final EngineParts parts;
    private final Flusher flusher;
    private final long timeNs;
    /** One object per origin, so that comparing origins of rows is comparing references. */
    private final Map<Origin, Origin> origins = new HashMap<>();

    private long records;

    /** @param timeNs collector time of dead letters */
    Recovery(EngineParts parts, Flusher flusher, long timeNs) {
        this.parts = parts;
        this.flusher = flusher;
        this.timeNs = timeNs;
    }

    /** @return how many records were replayed */
    long run() throws RocksDBException {
        for (Partition partition : parts.partitions()) {
            replay(partition);
        }
        if (parts.store().damaged().any()) {
            countLost();
        }
        return records;
    }

    private void replay(Partition partition) throws RocksDBException {
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = parts.store().iterator(parts.store().log, options)) {
            each.seek(Keys.log(partition.number, partition.nextOffset()));
            for (; each.isValid() && Keys.logPartition(each.key()) == partition.number; each.next()) {
                long offset = Keys.logOffset(each.key());
                take(partition, offset, each.value());
            }
            each.status();
        } catch (RocksDBException e) {
            if (parts.store().damagedRange(e) == null) {
                throw e;
            }
            replayOneByOne(partition);
        }
        // What a crash left is flushed at once, so that crashes in a row do not hold back more and more log.
        synchronized (partition) {
            if (!partition.active().isEmpty()) {
                partition.active().setDue();
            }
        }
    }

    private void take(Partition partition, long offset, byte[] value) throws RocksDBException {
        records++;
        LogRecord record = null;
        try {
            record = LogRecordCodec.decode(value);
            apply(partition, offset, value.length, record);
            makeRoom(partition);
        } catch (CorruptColumnException | InvalidBatchException e) {
            quarantine(partition, offset, value, record, String.valueOf(e.getMessage()));
        }
    }

    /** A table of the log is damaged: what of it lies in other blocks is still there. */
    private void replayOneByOne(Partition partition) throws RocksDBException {
        int lost = 0;
        for (long offset = partition.nextOffset(); lost < LOST_MAX; offset++) {
            try {
                byte[] value = parts.store().get(parts.store().log, Keys.log(partition.number, offset));
                if (value == null) {
                    break;
                }
                while (partition.nextOffset() < offset) {
                    partition.skip(partition.nextOffset());
                }
                take(partition, offset, value);
                lost = 0;
            } catch (RocksDBException e) {
                if (!DamagedFiles.isDamage(e)) {
                    throw e;
                }
                lost++;
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
                OriginLedger before = parts.book().ledger(origin);
                OriginLedger after = before.reject(DAMAGED, lost);
                try (WriteBatch batch = new WriteBatch()) {
                    parts.book().write(batch, origin, before, after);
                    parts.store().write(batch, true);
                }
                parts.book().publish(origin, after);
                parts.book().acknowledge(origin, after);
            }
        }
    }

    /** The budget for heads may be smaller than it was, or flushes may have been lost with the power. */
    private void makeRoom(Partition grown) throws RocksDBException {
        boolean due;
        synchronized (grown) {
            due = grown.active().isDue();
        }
        if (due) {
            flusher.flush(grown);
        }
        if (parts.backlog().headBytes() > parts.options().headBytes()) {
            for (Partition partition : parts.partitions()) {
                flusher.flush(partition);
            }
        }
    }

    private void apply(Partition partition, long offset, long recordBytes, LogRecord record)
            throws InvalidBatchException {
        Rows rows = LogRows.of(record);
        Origin origin = origins.computeIfAbsent(record.origin(), same -> same);
        partition.append(parts.backlog(), offset, recordBytes, origin, record.collectorTimeNs(), rows);
    }

    private void quarantine(Partition partition, long offset, byte[] value, @Nullable LogRecord record, String detail)
            throws RocksDBException {
        String place = "log record " + offset + " of partition " + partition.number + ": " + detail;
        LOG.error("{}; it is kept as a dead letter", place);
        try (WriteBatch batch = new WriteBatch()) {
            long readings = record == null ? 0 : record.readings();
            Origin origin = record == null ? null : record.origin();
            DeadLetters.Staged letter =
                    parts.deadLetters().stage(batch, timeNs, DAMAGED, place, origin, null, readings, value);
            OriginLedger after = OriginLedger.EMPTY;
            if (origin != null) {
                OriginLedger before = parts.book().ledger(origin);
                after = before.reject(DAMAGED, readings);
                parts.book().write(batch, origin, before, after);
            }
            batch.delete(parts.store().log, Keys.log(partition.number, offset));
            parts.store().write(batch, true);
            parts.deadLetters().written(List.of(letter));
            if (origin != null) {
                parts.book().publish(origin, after);
                parts.book().acknowledge(origin, after);
            }
        }
        partition.skip(offset);
    }
}
