package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * Chunks of devices that are asked for often, with their headers read, so that a query needs neither a snapshot nor an
 * iterator of the database. An entry is right as long as nobody has written chunks or catalog of its partition: whoever
 * does moves the partition's generation on. While a fleet sends, that is all the time; of what it does not send, such as
 * yesterday, an entry is right as long as nobody has written chunks of those buckets. Any thread.
 */
final class DeviceCache {
    /** A device takes at most this part of the cache. */
    private static final int SHARE = 16;

    private final long budgetBytes;
    private final BoundedCache<CachedDevice> devices;

    DeviceCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
        this.devices = new BoundedCache<>(budgetBytes);
    }

    long bytes() {
        return devices.bytes();
    }

    /** What is known and right at this moment; null when it has to be loaded, or is too large to be held. */
    @Nullable
    CachedDevice get(EngineParts parts, Partition partition, String device) {
        CachedDevice cached = devices.get(device);
        if (cached == null || !cached.isRight(parts.store(), partition)) {
            return null;
        }
        cached.touch();
        return cached;
    }

    /** As {@link #get}, for who looks at chunks in {@code [low, high]} only: what else has changed does not matter. */
    @Nullable
    CachedDevice get(EngineParts parts, Partition partition, String device, long low, long high) {
        CachedDevice cached = devices.get(device);
        if (cached == null || !cached.isRight(parts.store(), partition, low, high)) {
            return null;
        }
        cached.touch();
        return cached;
    }

    /** Reads a device; null when it is too large. The caller has a lease. */
    @Nullable
    CachedDevice load(EngineParts parts, Partition partition, String device) throws RocksDBException {
        CachedDevice before = devices.get(device);
        if (before != null && before.tooLarge) {
            before.touch();
            return null;
        }
        long removals = parts.store().removals();
        long generation = parts.store().ownGeneration(partition.number);
        Snapshot snapshot = parts.store().snapshot();
        CachedDevice loaded;
        try {
            loaded = read(parts, partition, device, removals, generation, snapshot);
        } finally {
            parts.store().release(snapshot);
        }
        devices.put(device, loaded);
        return loaded.tooLarge ? null : loaded;
    }

    private CachedDevice read(
            EngineParts parts, Partition partition, String device, long removals, long generation, Snapshot snapshot)
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
                        return new CachedDevice(removals, generation, flushed, null, new TreeMap<>(), true);
                    }
                    buckets.put(next.getAsLong(), List.copyOf(fragments));
                    next = reader.nearestBucket(device, next.getAsLong() + 1, -from, true);
                }
            }
        }
        return new CachedDevice(removals, generation, flushed, record, buckets, false);
    }

    /** Devices held, for tests. */
    List<String> ids() {
        return devices.ids();
    }
}
