package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.column.Utf8;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out erasures, a stage at a time: rewrites the chunks, the catalog records and the
 * dead letters of their devices, later has the
 * files rewritten that still hold the old bytes, and forgets an erasure when nothing of it can come back. Every stage may
 * be done again after a crash. Called by one thread at a time.
 */
final class ErasureWork {
    private static final Logger LOG = LoggerFactory.getLogger(ErasureWork.class);

    private final EngineParts parts;
    private final Rollups rollups;
    private final InstantSource clock;
    private final ChunkRewriter rewriter;

    ErasureWork(EngineParts parts, Rollups rollups, InstantSource clock) {
        this.parts = parts;
        this.rollups = rollups;
        this.clock = clock;
        this.rewriter = new ChunkRewriter(parts);
    }

    /** @return whether there was something to do */
    boolean work() throws RocksDBException {
        for (Erasure erasure : parts.lifecycle().erasures().view().every()) {
            if (erasure.isPending()) {
                rewrite(erasure);
                return true;
            }
        }
        return purge();
    }

    private void rewrite(Erasure erasure) throws RocksDBException {
        long readings = 0;
        for (String device : new ErasedDevices(parts).of(erasure.request())) {
            readings += rewrite(erasure, device);
        }
        long letters = parts.deadLetters().erase(erasure);
        try (WriteBatch batch = new WriteBatch()) {
            parts.lifecycle().erasures().move(erasure.at(ErasureStatus.Stage.REWRITTEN), batch);
        }
        LOG.info(
                "erasure {}: {} readings are out of the chunks, {} dead letters changed or gone",
                erasure.id(),
                readings,
                letters);
    }

    private long rewrite(Erasure erasure, String device) throws RocksDBException {
        Partition partition = parts.partitionOf(device);
        long bucketNs = parts.options().bucket().toNanos();
        long from = Math.floorDiv(Math.max(erasure.request().fromNs(), Long.MIN_VALUE / 2), bucketNs);
        long to = Math.floorDiv(Math.min(erasure.request().toNs(), Long.MAX_VALUE / 2) - 1, bucketNs);
        long readings = 0;
        OptionalLong bucket = nearest(device, from, to);
        while (bucket.isPresent()) {
            partition.flushLock.lock();
            try {
                readings += rewriter.rewrite(partition, bucket.getAsLong(), device, parts.mask(device));
            } finally {
                partition.flushLock.unlock();
            }
            bucket = nearest(device, bucket.getAsLong() + 1, to);
        }
        partition.flushLock.lock();
        try {
            rollups.erase(erasure, device);
        } finally {
            partition.flushLock.unlock();
        }
        refit(partition, device);
        return readings;
    }

    private OptionalLong nearest(String device, long from, long to) throws RocksDBException {
        Snapshot snapshot = parts.store().snapshot();
        try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
            return reader.nearestBucket(device, from, to, true);
        } finally {
            parts.store().release(snapshot);
        }
    }

    /** The catalog tells of what is still there, and not of a device of which nothing is. */
    private void refit(Partition partition, String device) throws RocksDBException {
        byte[] key = Utf8.encode(device);
        partition.flushLock.lock();
        Snapshot snapshot = parts.store().snapshot();
        try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false);
                WriteBatch batch = new WriteBatch()) {
            byte[] known = parts.store().get(parts.store().catalog, key);
            if (known == null) {
                return;
            }
            DeviceRecord record = StoreCatalog.decode(device, known);
            if (record.refit(spans(reader, device))) {
                batch.put(parts.store().catalog, key, record.encode());
            } else {
                batch.delete(parts.store().catalog, key);
                partition.forgetDevice();
                batch.put(
                        parts.store().meta,
                        Keys.partition(partition.number),
                        Keys.longs(partition.flushedOffset(), partition.nextFragment(), partition.flushedDevices()));
            }
            parts.store().write(batch, false);
        } finally {
            parts.store().release(snapshot);
            partition.flushLock.unlock();
        }
    }

    /** First and last event time of each channel. */
    private Map<String, long[]> spans(FragmentReader reader, String device) throws RocksDBException {
        long bucketNs = parts.options().bucket().toNanos();
        long end = Math.floorDiv(Long.MAX_VALUE / 2, bucketNs);
        Map<String, long[]> spans = new TreeMap<>();
        OptionalLong bucket = reader.nearestBucket(device, Math.floorDiv(Long.MIN_VALUE / 2, bucketNs), end, true);
        while (bucket.isPresent()) {
            for (Fragment fragment : reader.fragments(bucket.getAsLong(), device)) {
                for (ChunkGroup group : fragment.chunk().groups()) {
                    for (ChunkChannel channel : group.channels()) {
                        long[] span = spans.computeIfAbsent(
                                channel.channel().name(), unused -> new long[] {Long.MAX_VALUE, Long.MIN_VALUE});
                        span[0] = Math.min(span[0], channel.firstTime());
                        span[1] = Math.max(span[1], channel.lastTime());
                    }
                }
            }
            bucket = reader.nearestBucket(device, bucket.getAsLong() + 1, end, true);
        }
        return spans;
    }

    /** Old bytes lie in files until those are rewritten; that is done for all erasures together, and not too often. */
    private boolean purge() throws RocksDBException {
        long due = CollectorClock.nanos(clock.instant())
                - parts.lifecycle().options().purgeEvery().toNanos();
        List<Erasure> every = parts.lifecycle().erasures().view().every();
        boolean any = false;
        for (Erasure erasure : every) {
            any |= erasure.stage() == ErasureStatus.Stage.REWRITTEN && erasure.timeNs() <= due;
        }
        if (!any) {
            return forget(every);
        }
        for (Erasure erasure : every) {
            if (erasure.stage() == ErasureStatus.Stage.REWRITTEN) {
                parts.deadLetters().erase(erasure); // a start may have read some from the log again
            }
        }
        parts.store().rewriteFiles();
        for (Erasure erasure : every) {
            if (erasure.stage() == ErasureStatus.Stage.REWRITTEN) {
                try (WriteBatch batch = new WriteBatch()) {
                    parts.lifecycle().erasures().move(erasure.at(ErasureStatus.Stage.PURGED), batch);
                }
            }
        }
        return true;
    }

    private boolean forget(List<Erasure> every) throws RocksDBException {
        for (Erasure erasure : every) {
            if (erasure.stage() == ErasureStatus.Stage.PURGED && isOver(erasure)) {
                parts.lifecycle().erasures().forget(erasure.id());
                LOG.info("erasure {} is complete: the log has dropped its records", erasure.id());
                return true;
            }
        }
        return false;
    }

    private boolean isOver(Erasure erasure) throws RocksDBException {
        for (Map.Entry<Origin, Long> end : erasure.ends().entrySet()) {
            if (!parts.book()
                    .ledger(end.getKey())
                    .known()
                    .missing(0, end.getValue())
                    .isEmpty()) {
                return false;
            }
        }
        return parts.log().start() >= erasure.logEnd();
    }
}
