package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/**
 * What was found out about a device, and the state of its partition that it is right for: nobody has written chunks since
 * ({@code generation}), nothing was appended to the partition's head ({@code appends}), and nothing else became invisible
 * ({@code masks}). All of them were read before the device was. Any thread.
 */
final class DeviceSummary extends BoundedCache.Entry {
    private static final int OBJECT_BYTES = 150;

    private final Partition partition;
    private final long removals;
    private final long generation;
    private final long appends;
    private final Masks masks;
    /** Null until somebody asks. */
    final @Nullable LatestReadings latest;
    /** Null until somebody asks; {@link DeviceTotals#UNKNOWN} when the device has to be read. */
    final @Nullable DeviceTotals totals;

    private DeviceSummary(
            Partition partition,
            long removals,
            long generation,
            long appends,
            Masks masks,
            @Nullable LatestReadings latest,
            @Nullable DeviceTotals totals) {
        this.partition = partition;
        this.removals = removals;
        this.generation = generation;
        this.appends = appends;
        this.masks = masks;
        this.latest = latest;
        this.totals = totals;
    }

    /** Of the present moment, with nothing found out yet. */
    static DeviceSummary empty(RocksStore store, Partition partition, Masks masks) {
        long removals = store.removals();
        long generation = store.ownGeneration(partition.number);
        return new DeviceSummary(partition, removals, generation, partition.appends(), masks, null, null);
    }

    /** Whether everything that a query that begins at this moment has to see is in here. */
    boolean isRight(RocksStore store, Masks now) {
        return appends == partition.appends()
                && removals == store.removals()
                && generation == store.ownGeneration(partition.number)
                && (masks == now || masks.sameAs(now));
    }

    /**
     * As {@link #isRight}, of what lies in some range.
     *
     * @param lastAppend, lastChange what {@code appends} and {@code generation} were when something in the range changed
     */
    boolean isRight(RocksStore store, Masks now, long lastAppend, long lastChange) {
        return appends >= lastAppend
                && removals == store.removals()
                && generation >= lastChange
                && (masks == now || masks.sameAs(now));
    }

    Partition partition() {
        return partition;
    }

    DeviceSummary with(LatestReadings found) {
        return new DeviceSummary(partition, removals, generation, appends, masks, found, totals);
    }

    DeviceSummary with(DeviceTotals found) {
        return new DeviceSummary(partition, removals, generation, appends, masks, latest, found);
    }

    @Override
    long bytes() {
        return OBJECT_BYTES + (latest == null ? 0 : latest.bytes()) + (totals == null ? 0 : totals.bytes());
    }
}
