package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of everything that a device has in chunks, block by block in ascending time, and where statistics will not do:
 * aggregates over many devices look at nothing else as long as that is enough. Immutable; any thread.
 */
public final class DeviceTotals {
    private static final int OBJECT_BYTES = 80;
    private static final int STATS_BYTES = 80;
    /** Nothing is known: the device has to be read. */
    static final DeviceTotals UNKNOWN = new DeviceTotals(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);

    private final Block[] blocks;
    private final long unknownFirst;
    private final long unknownLast;

    /**
     * A block as {@link DeviceBlock} describes it.
     *
     * @param first, last bounds of its event times
     * @param stats by channel; null where the readings have to be looked at
     */
    record Block(
            long first,
            long last,
            Channel[] channels,
            @Nullable SeriesStats[] stats) {}

    /** @param unknownFirst, unknownLast event times of readings that are in no block; the first above the last: none */
    DeviceTotals(List<Block> blocks, long unknownFirst, long unknownLast) {
        this.blocks = blocks.toArray(new Block[0]);
        this.unknownFirst = unknownFirst;
        this.unknownLast = unknownLast;
    }

    /** Whether readings in {@code [fromNs, toNs)} may be in no block. */
    public boolean isIncomplete(long fromNs, long toNs) {
        return unknownFirst <= unknownLast && unknownFirst < toNs && unknownLast >= fromNs;
    }

    public int blocks() {
        return blocks.length;
    }

    /** Whether a block may have readings in {@code [fromNs, toNs)}. */
    public boolean overlaps(int block, long fromNs, long toNs) {
        return blocks[block].first < toNs && blocks[block].last >= fromNs;
    }

    /** Series of a block, sorted by name, then type. */
    public int series(int block) {
        return blocks[block].channels.length;
    }

    public Channel channel(int block, int series) {
        return blocks[block].channels[series];
    }

    /** Of the whole series in the block; null when they are not known. */
    public @Nullable SeriesStats stats(int block, int series) {
        return blocks[block].stats[series];
    }

    /** What it takes in memory; channels are those of an opened chunk, or shared. */
    long bytes() {
        long sum = OBJECT_BYTES;
        for (Block block : blocks) {
            sum += OBJECT_BYTES + (long) STATS_BYTES * block.stats.length;
        }
        return sum;
    }
}
