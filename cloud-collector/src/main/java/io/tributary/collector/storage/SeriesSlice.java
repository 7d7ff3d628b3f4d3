package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;

/**
 * Readings of one series in ascending event time, each time once. Arrays may be longer than {@code size} and are shared:
 * readers leave them as they are.
 *
 * @param values dense: entry i belongs to row i, {@link Column#presence()} is null; quality by {@link Column#qualityAt}
 */
public record SeriesSlice(
        Channel channel, int size, long[] eventTimes, long[] edgeTimes, long[] collectorTimes, Column values) {}
