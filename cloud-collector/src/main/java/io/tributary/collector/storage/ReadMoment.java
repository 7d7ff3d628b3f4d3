package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * One moment of a device: a snapshot of the database or what the cache has of it, and what its heads hold beyond that. A
 * head that was flushed between its capture and the snapshot is known by the offset that the snapshot tells, and left
 * out.
 *
 * @param snapshot null when everything comes from the cache
 * @param cached null when everything comes from the database
 */
record ReadMoment(
        EngineParts parts,
        @Nullable Snapshot snapshot,
        @Nullable CachedDevice cached,
        List<HeadDevice> heads,
        Mask mask)
        implements AutoCloseable, EngineCursor.Owner {
    /** The caller closes it. */
    static ReadMoment of(EngineParts parts, String device) {
        parts.leases().acquire();
        Masks masks = parts.lifecycle().masks();
        Partition partition = parts.partitionOf(device);
        try {
            CachedDevice cached = parts.cache().get(parts, partition, device);
            return of(parts, partition, device, cached, masks);
        } catch (RocksDBException e) {
            parts.leases().release();
            throw new StorageException("partition " + partition.number + " cannot be read", e);
        } catch (RuntimeException e) {
            parts.leases().release();
            throw e;
        }
    }

    /** As {@link #of}, for whoever reads buckets in {@code [low, high]} only, and no record of the catalog. */
    static ReadMoment of(EngineParts parts, String device, long low, long high) {
        parts.leases().acquire();
        Masks masks = parts.lifecycle().masks();
        Partition partition = parts.partitionOf(device);
        try {
            CachedDevice cached = parts.cache().get(parts, partition, device, low, high);
            if (cached != null && !cached.tooLarge) {
                ReadMoment moment = ofRange(parts, partition, device, cached, masks, low, high);
                if (moment != null) {
                    return moment;
                }
            }
            return of(parts, partition, device, null, masks);
        } catch (RocksDBException e) {
            parts.leases().release();
            throw new StorageException("partition " + partition.number + " cannot be read", e);
        } catch (RuntimeException e) {
            parts.leases().release();
            throw e;
        }
    }

    /** @param known null to have it loaded */
    private static ReadMoment of(
            EngineParts parts, Partition partition, String device, @Nullable CachedDevice known, Masks masks)
            throws RocksDBException {
        CachedDevice cached = known == null ? parts.cache().load(parts, partition, device) : known;
        if (cached != null && !cached.tooLarge) {
            ReadMoment moment = ofCached(parts, partition, device, cached, masks);
            if (moment != null) {
                return moment;
            }
        }
        return ofSnapshot(parts, partition, device, masks);
    }

    /** As {@link #of}, never from the cache: for who reads more of the snapshot than chunks. */
    static ReadMoment ofSnapshot(EngineParts parts, String device) {
        parts.leases().acquire();
        Masks masks = parts.lifecycle().masks();
        try {
            return ofSnapshot(parts, parts.partitionOf(device), device, masks);
        } catch (RocksDBException e) {
            parts.leases().release();
            throw new StorageException("device " + device + " cannot be read", e);
        } catch (RuntimeException e) {
            parts.leases().release();
            throw e;
        }
    }

    /** Null when chunks of the partition were written meanwhile. */
    private static @Nullable ReadMoment ofCached(
            EngineParts parts, Partition partition, String device, CachedDevice cached, Masks masks) {
        List<HeadDevice> heads;
        synchronized (partition) {
            // Under the lock that a flush ends with: its head goes and its chunks come at the same time.
            if (!cached.isRight(parts.store(), partition)) {
                return null;
            }
            heads = heads(partition, device, cached);
        }
        Mask mask = masks.of(device, () -> Lifecycle.tags(cached.record, device, heads));
        return new ReadMoment(parts, null, cached, heads, mask);
    }

    /**
     * Null when chunks in {@code [low, high]} were written meanwhile, or the device's tags matter, of which the record of the
     * entry may not tell. A head that was flushed since has nothing in these buckets, or the entry were not right for them.
     */
    private static @Nullable ReadMoment ofRange(
            EngineParts parts,
            Partition partition,
            String device,
            CachedDevice cached,
            Masks masks,
            long low,
            long high) {
        List<HeadDevice> heads;
        synchronized (partition) {
            if (!cached.isRight(parts.store(), partition, low, high)) {
                return null;
            }
            heads = heads(partition, device, cached);
        }
        boolean[] asked = new boolean[1];
        Mask mask = masks.of(device, () -> {
            asked[0] = true;
            return Map.of();
        });
        return asked[0] ? null : new ReadMoment(parts, null, cached, heads, mask);
    }

    /** With the partition's lock. */
    private static List<HeadDevice> heads(Partition partition, String device, CachedDevice cached) {
        Head flushing = partition.flushing();
        HeadDevice first =
                flushing == null || cached.flushedOffset >= flushing.endOffset() ? null : flushing.device(device);
        HeadDevice second = partition.active().device(device);
        return first == null
                ? second == null ? List.of() : List.of(second)
                : second == null ? List.of(first) : List.of(first, second);
    }

    private static ReadMoment ofSnapshot(EngineParts parts, Partition partition, String device, Masks masks)
            throws RocksDBException {
        List<HeadDevice> heads = new ArrayList<>(2);
        Snapshot snapshot;
        HeadDevice flushing = null;
        long flushingEnd = 0;
        synchronized (partition) {
            Head head = partition.flushing();
            if (head != null) {
                flushing = head.device(device);
                flushingEnd = head.endOffset();
            }
            HeadDevice active = partition.active().device(device);
            if (active != null) {
                heads.add(active);
            }
            snapshot = parts.store().snapshot();
        }
        try {
            if (flushing != null && flushedOffset(parts, partition, snapshot) < flushingEnd) {
                heads.add(0, flushing);
            }
            return new ReadMoment(parts, snapshot, null, heads, masks.of(device, () -> tags(parts, device, heads)));
        } catch (RocksDBException | RuntimeException e) {
            parts.store().release(snapshot);
            throw e;
        }
    }

    /** The same moment without what heads hold; it ends with this one, and is not closed. */
    ReadMoment withoutHeads() {
        return new ReadMoment(parts, snapshot, cached, List.of(), mask);
    }

    /** Whether everything in chunks and heads counts. */
    boolean isUnmasked() {
        if (mask == Mask.NONE) {
            return true;
        }
        if (cached == null || mask.hasErasures() || mask.mayExpire(cached.firstBucket())) {
            return false;
        }
        long bucketNs = parts.options().bucket().toNanos();
        for (HeadDevice head : heads) {
            if (mask.mayExpire(Math.floorDiv(head.firstEventTimeNs(), bucketNs))) {
                return false;
            }
        }
        return true;
    }

    /** Where chunks come from; to be closed before this moment is. */
    FragmentSource fragments() {
        if (cached != null) {
            return cached;
        }
        if (snapshot == null) {
            throw new IllegalStateException("BUG: a moment of nothing");
        }
        return new FragmentReader(parts.store(), parts.quarantine(), snapshot, true);
    }

    /** The device's record in the catalog; null when no flush has written one. */
    byte @Nullable [] record(String device) throws RocksDBException {
        if (cached != null) {
            return cached.record;
        }
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
            return parts.store().get(parts.store().catalog, options, Utf8.encode(device));
        }
    }

    private static Map<String, String> tags(EngineParts parts, String device, List<HeadDevice> heads) {
        try {
            return Lifecycle.tags(parts.store().get(parts.store().catalog, Utf8.encode(device)), device, heads);
        } catch (RocksDBException e) {
            throw new StorageException("catalog record of device " + device + " cannot be read", e);
        }
    }

    /** Up to where the log of a partition was in chunks when the snapshot was taken. */
    static long flushedOffset(EngineParts parts, Partition partition, Snapshot snapshot) throws RocksDBException {
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
            byte[] state = parts.store().get(parts.store().meta, options, Keys.partition(partition.number));
            return state == null ? 0 : Keys.longAt(state, 0);
        }
    }

    @Override
    public void close() {
        if (snapshot != null) {
            parts.store().release(snapshot);
        }
        parts.leases().release();
    }
}
