package io.tributary.collector.storage;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Joins the small fragments of a device in a bucket, once the bucket has passed and nothing has arrived
 * for it for a while. Until then fragments are folded only so far that reading stays cheap: each is written twice in its
 * life, whatever the number of flushes. Flushes leave a note of the buckets that they wrote to. One thread at a time.
 */
final class ColdFolder {
    /** Notes looked at in one go. */
    private static final int LOOK = 4096;
    /** Superseded fragments worth a compaction, which gives back their space. */
    private static final long COMPACT_BYTES = 1 << 20;

    private static final long PAUSE_NS_MAX = 60_000_000_000L;

    private final EngineParts parts;
    private final ChunkRewriter rewriter;
    private final FragmentMerge merge;
    private final InstantSource clock;
    private final long coldNs;

    // guarded by this
    /** Where the pass goes on. */
    private byte[] cursor = Keys.COLD;

    private long nextPassNs = Long.MIN_VALUE;
    private long superseded;
    /** That were folded since the last compaction. */
    private long firstBucket = Long.MAX_VALUE;

    private long lastBucket = Long.MIN_VALUE;

    ColdFolder(EngineParts parts, InstantSource clock) {
        this.parts = parts;
        this.rewriter = new ChunkRewriter(parts);
        this.merge = new FragmentMerge(parts);
        this.clock = clock;
        this.coldNs = parts.options().coldAfter().toNanos();
    }

    /** @return whether there was a bucket to fold */
    synchronized boolean work() throws RocksDBException {
        long now = CollectorClock.nanos(clock.instant());
        if (now < nextPassNs) {
            return false;
        }
        byte[] note = next(now);
        if (note == null) {
            return false;
        }
        fold(Keys.notedPrefix(note), note);
        return true;
    }

    /** The next bucket that is cold; null when there is none in what was looked at. */
    private byte @Nullable [] next(long now) throws RocksDBException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            each.seek(cursor);
            for (int i = 0; each.isValid() && Keys.startsWith(each.key(), Keys.COLD); i++) {
                byte[] note = each.key();
                if (i == LOOK) {
                    cursor = note;
                    return null;
                }
                long bucket = ChunkKeys.bucket(Keys.notedPrefix(note));
                long end = (bucket + 1) * parts.options().bucket().toNanos();
                if (end > now - coldNs) {
                    break; // this bucket goes on, and those behind it
                }
                if (Keys.longAt(each.value(), 0) <= now - coldNs) {
                    cursor = note;
                    return note;
                }
                each.next();
            }
            each.status();
        }
        endPass(now);
        return null;
    }

    private void endPass(long now) throws RocksDBException {
        cursor = Keys.COLD;
        nextPassNs = now + Math.max(1, Math.min(PAUSE_NS_MAX, coldNs / 4));
        if (superseded >= COMPACT_BYTES) {
            superseded = 0;
            parts.store().compactChunks(ChunkKeys.bucketStart(firstBucket), ChunkKeys.bucketStart(lastBucket + 1));
            firstBucket = Long.MAX_VALUE;
            lastBucket = Long.MIN_VALUE;
        }
    }

    private void fold(byte[] prefix, byte[] note) throws RocksDBException {
        String device = ChunkKeys.deviceOfPrefix(prefix);
        firstBucket = Math.min(firstBucket, ChunkKeys.bucket(prefix));
        lastBucket = Math.max(lastBucket, ChunkKeys.bucket(prefix));
        Partition partition = parts.partitionOf(device);
        partition.flushLock.lock();
        try (WriteBatch batch = new WriteBatch()) {
            rewriter.rewrite(partition, ChunkKeys.bucket(prefix), device, parts.mask(device));
            batch.delete(parts.store().meta, note);
            Snapshot snapshot = parts.store().snapshot();
            try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
                for (List<Fragment> set : sets(reader.fragments(ChunkKeys.bucket(prefix), device))) {
                    superseded += merge.mergeCold(set, batch);
                }
            } finally {
                parts.store().release(snapshot);
            }
            parts.store().writeChunks(batch, partition.number, ChunkKeys.bucket(prefix), ChunkKeys.bucket(prefix));
        } finally {
            partition.flushLock.unlock();
        }
    }

    /**
     * Neighbours in time, as many as fit into memory; those that overlap stay together. A large one that overlaps nothing
     * stays as it is.
     */
    static List<List<Fragment>> sets(List<Fragment> fragments) {
        List<List<Fragment>> sets = new ArrayList<>();
        List<Fragment> set = new ArrayList<>();
        long cells = 0;
        for (List<Fragment> cluster : FoldPlan.overlapping(fragments)) {
            boolean stays = cluster.size() == 1 && cluster.get(0).chunk().isLarge();
            long more = cluster.stream().mapToLong(FoldPlan::cells).sum();
            if (stays || cells + more > FoldPlan.CELLS_MAX) {
                sets.add(set);
                set = new ArrayList<>();
                cells = 0;
            }
            if (!stays) {
                set.addAll(cluster);
                cells += more;
            }
        }
        sets.add(set);
        // What overlaps too much to be held is left to readers, which merge it.
        sets.removeIf(each -> (each.size() < 2 && each.stream().noneMatch(FragmentMerge::isPackable))
                || each.stream().mapToLong(FoldPlan::cells).sum() > 2 * FoldPlan.CELLS_MAX);
        return sets;
    }
}
