package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.Arrays;

/**
 * Readings of one series in ascending event time, each time once. Arrays may be longer than {@code size} and are shared:
 * readers leave them as they are.
 *
 * @param values dense: entry i belongs to row i, {@link Column#presence()} is null; quality by {@link Column#qualityAt}
 */
public record SeriesSlice(
        Channel channel, int size, long[] eventTimes, long[] edgeTimes, long[] collectorTimes, Column values) {
    static final long[] NO_TIMES = {};

    /** No readings. */
    public static SeriesSlice empty(Channel channel) {
        Column values = switch (channel.type()) {
            case DOUBLE -> Column.ofDoubles(new double[0], 0, null, null);
            case STRING -> Column.ofStrings(new String[0], 0, null, null);
            case LONG -> Column.ofLongs(NO_TIMES, 0, null, null);
            case BOOL -> Column.ofBools(NO_TIMES, 0, null, null);
        };
        return new SeriesSlice(channel, 0, NO_TIMES, NO_TIMES, NO_TIMES, values);
    }

    /** Some of the rows; this slice itself when they are all of them. */
    public SeriesSlice pick(int[] rows, int count) {
        return count == size
                ? this
                : new SeriesSlice(
                        channel,
                        count,
                        SeriesRows.gather(eventTimes, rows, count),
                        SeriesRows.gather(edgeTimes, rows, count),
                        SeriesRows.gather(collectorTimes, rows, count),
                        Columns.gather(values, rows, count));
    }

    /** Rows behind each other; times that are missing stay so. This slice itself when they are all of them. */
    SeriesSlice between(int from, int to) {
        if (from == 0 && to == size) {
            return this;
        }
        return new SeriesSlice(
                channel,
                to - from,
                Arrays.copyOfRange(eventTimes, from, to),
                edgeTimes.length == 0 ? NO_TIMES : Arrays.copyOfRange(edgeTimes, from, to),
                collectorTimes.length == 0 ? NO_TIMES : Arrays.copyOfRange(collectorTimes, from, to),
                Columns.range(values, from, to));
    }
}
