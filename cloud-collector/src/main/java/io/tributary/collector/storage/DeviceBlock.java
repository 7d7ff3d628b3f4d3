package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merged and deduplicated readings of one device; blocks of a cursor are disjoint in event time. Columns are decoded when
 * they are asked for, so that header statistics can answer. Not thread-safe; stays valid after its cursor is closed.
 */
public interface DeviceBlock {
    String device();

    /** Lower bound of the event times in this block and the asked range. */
    long firstEventTime();

    /** Upper bound, inclusive. */
    long lastEventTime();

    /**
     * The asked channels that have readings in this block, sorted by name, then type: a channel whose type changed may
     * be there twice.
     */
    List<Channel> channels();

    /**
     * Exact statistics of the whole series in this block, without decoding it; null when they are not known: the block
     * was merged from several sources, or reaches beyond the asked range, or has values that are NaN, of which a count and
     * a sum cannot tell how many. All qualities count.
     *
     * @param channel index into {@link #channels()}
     */
    @Nullable
    SeriesStats stats(int channel);

    /**
     * Whether every reading of that series is known to be of good quality, without decoding it.
     *
     * @param channel index into {@link #channels()}
     */
    default boolean isAllGood(int channel) {
        return false;
    }

    /** What there is instead of readings, of a block of {@link ReadingReader#aggregate}; null when there are readings. */
    default @Nullable StatsRows statsRows(int channel) {
        return null;
    }

    /** The readings of that series inside this block and the asked range; may be empty. */
    SeriesSlice slice(int channel);

    /** As {@link #slice}, for whoever looks at event times and values only: the other times may be missing. */
    default SeriesSlice values(int channel) {
        return slice(channel);
    }
}
