package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that chunks and catalog say of a device, as of one generation of its partition. Immutable but for what is
 * derived from it; any thread.
 */
final class CachedDevice extends BoundedCache.Entry implements FragmentSource {
    /** A guess of what an opened header costs per channel, beside the chunk's bytes. */
    private static final int CHANNEL_BYTES = 300;

    private static final int DEVICE_BYTES = 500;

    /** {@link RocksStore#removals} before the snapshot was taken that this was read from. */
    final long removals;
    /** Of the partition alone, at that time. */
    final long generation;
    /** Up to where the log was in chunks in that snapshot. */
    final long flushedOffset;

    final byte @Nullable [] record;
    private final long bytes;
    /** Too many chunks to be held; nothing else is true then. */
    final boolean tooLarge;

    private final TreeMap<Long, List<Fragment>> buckets;

    /** The latest reading of each channel in chunks; null until it is asked for. */
    volatile @Nullable List<LatestReading> latest;

    CachedDevice(
            long removals,
            long generation,
            long flushedOffset,
            byte @Nullable [] record,
            TreeMap<Long, List<Fragment>> buckets,
            boolean tooLarge) {
        this.removals = removals;
        this.generation = generation;
        this.flushedOffset = flushedOffset;
        this.record = record;
        this.buckets = buckets;
        this.tooLarge = tooLarge;
        long sum = DEVICE_BYTES + (record == null ? 0 : record.length);
        for (List<Fragment> fragments : buckets.values()) {
            for (Fragment fragment : fragments) {
                sum += bytes(fragment);
            }
        }
        this.bytes = sum;
    }

    @Override
    long bytes() {
        return bytes;
    }

    /** Whether nothing at all has changed since. */
    boolean isRight(RocksStore store, Partition partition) {
        return removals == store.removals() && generation == store.ownGeneration(partition.number);
    }

    /** Whether no chunks in {@code [low, high]} have changed since; the catalog may have. */
    boolean isRight(RocksStore store, Partition partition, long low, long high) {
        return removals == store.removals() && store.lastChange(partition.number, low, high) <= generation;
    }

    static long bytes(Fragment fragment) {
        long sum = fragment.chunk().encodedBytes() + DEVICE_BYTES;
        for (var group : fragment.chunk().groups()) {
            sum += (long) CHANNEL_BYTES * group.channels().size();
        }
        return sum;
    }

    @Override
    public List<Fragment> fragments(long bucket, String device) {
        List<Fragment> held = buckets.get(bucket);
        if (held == null) {
            return List.of();
        }
        // What a chunk decodes belongs to one reader.
        List<Fragment> own = new ArrayList<>(held.size());
        for (Fragment fragment : held) {
            own.add(new Fragment(fragment.key(), fragment.chunk().forReader()));
        }
        return own;
    }

    @Override
    public OptionalLong nearestBucket(String device, long bucket, long limit, boolean ascending) {
        Long found = ascending ? buckets.ceilingKey(bucket) : buckets.floorKey(bucket);
        boolean within = found != null && (ascending ? found <= limit : found >= limit);
        return within ? OptionalLong.of(found) : OptionalLong.empty();
    }

    /** Readings of asked channels in chunks that reach into a range. */
    long readings(Predicate<String> channels, long fromNs, long toNs) {
        long readings = 0;
        for (List<Fragment> fragments : buckets.values()) {
            for (Fragment fragment : fragments) {
                if (fragment.overlaps(fromNs, toNs - 1)) {
                    for (ChunkGroup group : fragment.chunk().groups()) {
                        for (ChunkChannel channel : group.channels()) {
                            boolean asked = channel.firstTime() < toNs
                                    && channel.lastTime() >= fromNs
                                    && channels.test(channel.channel().name());
                            readings += asked ? channel.count() : 0;
                        }
                    }
                }
            }
        }
        return readings;
    }

    /** The lowest bucket with fragments; above all others when there is none. */
    long firstBucket() {
        return buckets.isEmpty() ? Long.MAX_VALUE : buckets.firstKey();
    }

    /** Nothing is held for one reader. */
    @Override
    public void close() {}
}
