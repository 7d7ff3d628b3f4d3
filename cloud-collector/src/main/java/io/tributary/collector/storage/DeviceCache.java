package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * Chunks of devices that are asked for often, with their headers read, so that a query needs neither a snapshot nor an
 * iterator of the database. An entry is right as long as nobody has written chunks or catalog of its partition: whoever
 * does moves the partition's generation on. What is evicted was not asked for since the cache last looked. Any thread.
 */
final class DeviceCache {
    /** A device takes at most this part of the cache. */
    private static final int SHARE = 16;

    private final long budgetBytes;
    private final ConcurrentHashMap<String, CachedDevice> devices = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    DeviceCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    long bytes() {
        return bytes.get();
    }

    /** What is known and right at this moment; null when it has to be loaded, or is too large to be held. */
    @Nullable
    CachedDevice get(EngineParts parts, Partition partition, String device) {
        CachedDevice cached = devices.get(device);
        if (cached == null || cached.generation != parts.store().generation(partition.number)) {
            return null;
        }
        touch(cached);
        return cached;
    }

    private static void touch(CachedDevice cached) {
        if (!cached.touched) {
            cached.touched = true;
        }
    }

    /** Reads a device; null when it is too large. The caller has a lease. */
    @Nullable
    CachedDevice load(EngineParts parts, Partition partition, String device) throws RocksDBException {
        CachedDevice before = devices.get(device);
        if (before != null && before.tooLarge) {
            touch(before);
            return null;
        }
        long generation = parts.store().generation(partition.number);
        Snapshot snapshot = parts.store().snapshot();
        CachedDevice loaded;
        try {
            loaded = read(parts, partition, device, generation, snapshot);
        } finally {
            parts.store().release(snapshot);
        }
        CachedDevice old = devices.put(device, loaded);
        bytes.addAndGet(loaded.bytes - (old == null ? 0 : old.bytes));
        if (bytes.get() > budgetBytes) {
            evict();
        }
        return loaded.tooLarge ? null : loaded;
    }

    private CachedDevice read(EngineParts parts, Partition partition, String device, long generation, Snapshot snapshot)
            throws RocksDBException {
        TreeMap<Long, List<Fragment>> buckets = new TreeMap<>();
        byte[] record;
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
            record = parts.store().get(parts.store().catalog, options, Utf8.encode(device));
        }
        long flushed = ReadMoment.flushedOffset(parts, partition, snapshot);
        long sum = 0;
        if (record != null) { // a device that has chunks is in the catalog
            try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, true)) {
                long from = Long.MIN_VALUE / 2 / parts.options().bucket().toNanos() - 1;
                OptionalLong next = reader.nearestBucket(device, from, -from, true);
                while (next.isPresent()) {
                    List<Fragment> fragments = reader.fragments(next.getAsLong(), device);
                    for (Fragment fragment : fragments) {
                        sum += CachedDevice.bytes(fragment);
                    }
                    if (sum > budgetBytes / SHARE) {
                        return new CachedDevice(generation, flushed, null, new TreeMap<>(), true);
                    }
                    buckets.put(next.getAsLong(), List.copyOf(fragments));
                    next = reader.nearestBucket(device, next.getAsLong() + 1, -from, true);
                }
            }
        }
        return new CachedDevice(generation, flushed, record, buckets, false);
    }

    /** Takes away what was not asked for since the last time, and more if that is not enough. */
    private synchronized void evict() {
        for (int round = 0; round < 2 && bytes.get() > budgetBytes; round++) {
            Iterator<Map.Entry<String, CachedDevice>> each = devices.entrySet().iterator();
            while (each.hasNext() && bytes.get() > budgetBytes - budgetBytes / 8) {
                Map.Entry<String, CachedDevice> entry = each.next();
                CachedDevice cached = entry.getValue();
                if (cached.touched) {
                    cached.touched = false;
                } else if (devices.remove(entry.getKey(), cached)) {
                    bytes.addAndGet(-cached.bytes);
                }
            }
        }
    }

    /** Devices held, for tests. */
    List<String> ids() {
        return new ArrayList<>(devices.keySet());
    }
}
