package io.tributary.collector.storage;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves retention on.
 *
 * <pre>
 * 0. heads are flushed, rollups computed
 * 1. the new time, fsynced; then everybody leaves out what is below its horizons
 * 2. buckets that nothing keeps any more: one write takes away their chunks and moves their counts, without reading them;
 *    files that hold nothing else are deleted
 * 3. buckets that hold other readings, too: device by device, {@link ChunkRewriter}
 * </pre>
 *
 * Every step may be done again; a start begins with all of them. Called by one thread at a time.
 */
final class RetentionWork {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionWork.class);

    private final EngineParts parts;
    private final InstantSource clock;
    private final Flusher flusher;
    private final Rollups rollups;
    private final ChunkRewriter rewriter;
    private boolean begun;

    RetentionWork(EngineParts parts, Flusher flusher, Rollups rollups, InstantSource clock) {
        this.parts = parts;
        this.clock = clock;
        this.flusher = flusher;
        this.rollups = rollups;
        this.rewriter = new ChunkRewriter(parts);
    }

    /** @return whether there was something to do */
    boolean work() throws RocksDBException {
        Retention retention = parts.lifecycle().retention();
        Retention.Horizons before = retention.horizons();
        Retention.Horizons next = retention.at(CollectorClock.nanos(clock.instant()));
        if (begun && next.sameBuckets(before)) {
            return false;
        }
        if (!next.sameBuckets(before)) {
            flush();
            while (rollups.work()) {
                // what expires is in the rollups before it goes
            }
            try (WriteBatch batch = new WriteBatch()) {
                batch.put(parts.store().meta, Keys.RETENTION, Keys.longs(next.timeNs()));
                parts.store().write(batch, false);
            }
            parts.checkpoint().run(); // after a crash, too, the horizon comes behind those chunks
            retention.publish(next);
        }
        long lowest = next.lowest();
        if (lowest != DeviceRetention.NEVER) {
            dropBelow(lowest);
        }
        sweep(next);
        rollups.expire();
        begun = true;
        return true;
    }

    /** What had arrived in time counts as it would have without this step: duplicates as duplicates. */
    private void flush() throws RocksDBException {
        for (Partition partition : parts.partitions()) {
            long end = partition.nextOffset();
            while (partition.flushedOffset() < end && flusher.flush(partition)) {
                // a flush may have been under way: the head behind it is next
            }
        }
    }

    /** With all flush locks: whoever writes chunks knows the new horizon afterwards. */
    private void dropBelow(long bucket) throws RocksDBException {
        int locked = 0;
        long readings = 0;
        byte[] first = parts.store().firstKey(parts.store().chunk);
        byte[] end = ChunkKeys.bucketStart(bucket);
        boolean any = first != null && ChunkKeys.bucket(first) < bucket;
        try (WriteBatch batch = new WriteBatch()) {
            for (Partition partition : parts.partitions()) {
                partition.flushLock.lock();
                locked++;
                readings += moveCounts(partition.number, bucket, batch);
            }
            first = parts.store().firstKey(parts.store().chunk);
            any = first != null && ChunkKeys.bucket(first) < bucket;
            if (first != null && any) {
                batch.deleteRange(parts.store().chunk, first, end);
            }
            if (batch.count() > 0) {
                parts.store().write(batch, false);
            }
        } finally {
            for (int i = 0; i < locked; i++) {
                parts.partitions()[i].flushLock.unlock();
            }
        }
        if (first != null && any) {
            parts.store().flushTables(); // the counts first: deleting files cannot be undone by a crash
            parts.store().deleteFiles(parts.store().chunk, first, end);
            parts.metrics().expired(readings);
            LOG.info("buckets before {} expired, with {} readings", bucket, readings);
        }
    }

    private long moveCounts(int partition, long below, WriteBatch batch) throws RocksDBException {
        Map<String, SettledCounts> moved = new HashMap<>();
        List<byte[]> origins = new ArrayList<>();
        long readings = 0;
        byte[] from = Keys.tallyPrefix(partition, Long.MIN_VALUE);
        byte[] to = Keys.tallyPrefix(partition, below);
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            for (each.seek(from); each.isValid() && Arrays.compareUnsigned(each.key(), to) < 0; each.next()) {
                long stored = Keys.longAt(each.value(), 0);
                byte[] origin = Keys.tallyOrigin(each.key());
                SettledCounts expired = SettledCounts.ZERO.expire(stored);
                if (moved.merge(HexFormat.of().formatHex(origin), expired, SettledCounts::plus) == expired) {
                    origins.add(origin);
                }
                readings += stored;
                batch.delete(parts.store().meta, each.key());
            }
            each.status();
        }
        for (byte[] origin : origins) {
            byte[] key = Keys.settled(origin, partition);
            SettledCounts before = SettledCounts.of(parts.store().get(parts.store().meta, key));
            SettledCounts change = moved.getOrDefault(HexFormat.of().formatHex(origin), SettledCounts.ZERO);
            batch.put(parts.store().meta, key, before.plus(change).encode());
        }
        return readings;
    }

    /** Rules that have moved, each from where it was to where it is; buckets without any data cost nothing. */
    private void sweep(Retention.Horizons horizons) throws RocksDBException {
        Map<String, Long> rules = new HashMap<>();
        for (int i = 0; i < horizons.rules().size(); i++) {
            rules.merge(horizons.rules().get(i).toString(), horizons.byRule().get(i), Math::max);
        }
        rules.merge("", horizons.rest(), Math::max);
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<String, Long> rule : rules.entrySet()) {
                byte[] key = Keys.sweep(rule.getKey());
                byte[] done = parts.store().get(parts.store().meta, key);
                long before = done == null ? Long.MIN_VALUE : Keys.longAt(done, 0);
                if (rule.getValue() > before) {
                    from = Math.min(from, before);
                    to = Math.max(to, rule.getValue());
                    batch.put(parts.store().meta, key, Keys.longs(rule.getValue()));
                }
            }
            long lowest = horizons.lowest();
            if (from < to && lowest < to) {
                sweep(Math.max(from, lowest), to);
            }
            if (batch.count() > 0) {
                parts.store().write(batch, false);
            }
        }
    }

    private void sweep(long from, long to) throws RocksDBException {
        byte[] at = ChunkKeys.bucketStart(from);
        while (true) {
            byte[] key = parts.store().keyFrom(parts.store().chunk, at);
            if (key == null || ChunkKeys.bucket(key) >= to) {
                return;
            }
            long bucket = ChunkKeys.bucket(key);
            String device = ChunkKeys.device(key);
            Partition partition = parts.partitionOf(device);
            partition.flushLock.lock();
            try {
                rewriter.rewrite(partition, bucket, device, parts.mask(device));
            } finally {
                partition.flushLock.unlock();
            }
            at = ChunkKeys.behind(ChunkKeys.prefix(bucket, device));
        }
    }
}
