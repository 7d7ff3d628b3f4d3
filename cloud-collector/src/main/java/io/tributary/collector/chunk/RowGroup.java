package io.tributary.collector.chunk;

import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;

/**
 * Rows of one device whose channels share their times.
 *
 * @param eventTimes, edgeTimes, collectorTimes ns since the epoch, per row
 * @param sequences of each row's first reading as its agent sent it
 * @param origins who sent each row; the same origin is the same object as far as possible
 * @param columns per channel, with presence over the rows
 */
public record RowGroup(
        int rows,
        long[] eventTimes,
        long[] edgeTimes,
        long[] collectorTimes,
        long[] sequences,
        Origin[] origins,
        Channel[] channels,
        Column[] columns) {
    /** Present values in all columns. */
    public long readings() {
        long readings = 0;
        for (Column column : columns) {
            readings += column.size();
        }
        return readings;
    }
}
