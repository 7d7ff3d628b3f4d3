package io.tributary.collector.storage;

import io.tributary.collector.log.LogRecord;
import io.tributary.collector.log.LogRecordCodec;
import io.tributary.collector.partition.Rows;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.InvalidBatchException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the log of the store. A record counts from the moment it is published, which is before it is acknowledged. */
final class RocksLog implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(RocksLog.class);

    private final EngineParts parts;

    RocksLog(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public LogPosition newest() {
        long[] next = new long[parts.partitions().length];
        for (int i = 0; i < next.length; i++) {
            next[i] = parts.partitions()[i].nextOffset();
        }
        return new LogPosition(next);
    }

    @Override
    public LogPosition oldest() {
        return at(Long.MIN_VALUE);
    }

    @Override
    public LogPosition at(long collectorTimeNs) {
        parts.leases().acquire();
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = parts.store().iterator(parts.store().log, options)) {
            long[] next = new long[parts.partitions().length];
            for (int i = 0; i < next.length; i++) {
                next[i] = firstAt(each, i, collectorTimeNs);
            }
            each.status();
            return new LogPosition(next);
        } catch (RocksDBException e) {
            throw new StorageException("the log cannot be read", e);
        } finally {
            parts.leases().release();
        }
    }

    /** Collector times ascend with the offsets: by halves. */
    private long firstAt(RocksIterator each, int partition, long collectorTimeNs) {
        long high = parts.partitions()[partition].nextOffset();
        each.seek(Keys.log(partition, 0));
        if (!isOf(each, partition) || Keys.logOffset(each.key()) >= high) {
            return high;
        }
        long low = Keys.logOffset(each.key());
        if (collectorTimeNs == Long.MIN_VALUE) {
            return low;
        }
        while (low < high) {
            long middle = low + (high - low) / 2;
            each.seek(Keys.log(partition, middle));
            if (!isOf(each, partition) || Keys.logOffset(each.key()) >= high || timeOf(each) >= collectorTimeNs) {
                high = middle;
            } else {
                low = Keys.logOffset(each.key()) + 1;
            }
        }
        return low;
    }

    private static boolean isOf(RocksIterator each, int partition) {
        return each.isValid() && Keys.logPartition(each.key()) == partition;
    }

    /** A damaged record counts as old: it is met, and told of, by who reads on from before it. */
    private static long timeOf(RocksIterator each) {
        try {
            return LogRecordCodec.decode(each.value()).collectorTimeNs();
        } catch (CorruptColumnException e) {
            LOG.debug("damaged record in the log", e);
            return Long.MIN_VALUE;
        }
    }

    @Override
    public @Nullable LogEntry next(LogPosition position, int turn) {
        check(position);
        int partitions = parts.partitions().length;
        for (int i = 0; i < partitions; i++) {
            int partition = (turn + i) % partitions;
            long end = parts.partitions()[partition].nextOffset();
            if (position.next(partition) < end) {
                return read(position, partition, end);
            }
        }
        return null;
    }

    private void check(LogPosition position) {
        int partitions = parts.partitions().length;
        boolean ours = position.partitions() == partitions;
        for (int i = 0; ours && i < partitions; i++) {
            ours = position.next(i) <= parts.partitions()[i].nextOffset();
        }
        if (!ours) {
            throw new IllegalArgumentException("the position is none of this log: it has " + position.partitions()
                    + " partitions, or lies behind the newest record; expected one that this store has given out");
        }
    }

    private LogEntry read(LogPosition position, int partition, long end) {
        parts.leases().acquire();
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = parts.store().iterator(parts.store().log, options)) {
            long wanted = position.next(partition);
            each.seek(Keys.log(partition, wanted));
            each.status();
            if (!isOf(each, partition) || Keys.logOffset(each.key()) >= end) {
                return new LogEntry(
                        partition, position.with(partition, end), end - wanted, 0, null, (d, channel, time) -> false);
            }
            long found = Keys.logOffset(each.key());
            LogPosition after = position.with(partition, found + 1);
            return decode(partition, after, found - wanted, each.value());
        } catch (RocksDBException e) {
            if (parts.store().damagedRange(e) == null) {
                throw new StorageException("the log of partition " + partition + " cannot be read", e);
            }
            return readBehindDamage(position, partition, end);
        } finally {
            parts.leases().release();
        }
    }

    /** A table is damaged: what of it lies in other blocks is still there. */
    private LogEntry readBehindDamage(LogPosition position, int partition, long end) {
        long wanted = position.next(partition);
        for (long offset = wanted; offset < end; offset++) {
            try {
                byte[] value = parts.store().get(parts.store().log, Keys.log(partition, offset));
                if (value != null) {
                    return decode(partition, position.with(partition, offset + 1), offset - wanted, value);
                }
            } catch (RocksDBException e) {
                LOG.debug("record {} of partition {} is in a damaged block", offset, partition, e);
            }
        }
        return new LogEntry(
                partition, position.with(partition, end), end - wanted, 0, null, (d, channel, time) -> false);
    }

    private LogEntry decode(int partition, LogPosition after, long missed, byte[] value) {
        try {
            LogRecord record = LogRecordCodec.decode(value);
            Rows rows = LogRows.of(record);
            long time = record.collectorTimeNs();
            Erasures.View erasures = parts.lifecycle().erasures().view();
            return new LogEntry(
                    partition,
                    after,
                    missed,
                    time,
                    rows,
                    (device, channel, event) -> erasures.of(device).stream()
                            .anyMatch(erasure -> erasure.covers(event, time) && erasure.coversChannel(channel)));
        } catch (CorruptColumnException | InvalidBatchException e) {
            LOG.error("log record of partition {} before {} is damaged: {}", partition, after, e.getMessage());
            return new LogEntry(partition, after, missed + 1, 0, null, (device, channel, time) -> false);
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
        long behind = 0;
        int partitions = Math.min(position.partitions(), parts.partitions().length);
        for (int i = 0; i < partitions; i++) {
            behind += Math.max(0, parts.partitions()[i].nextOffset() - position.next(i));
        }
        return behind;
    }
}
