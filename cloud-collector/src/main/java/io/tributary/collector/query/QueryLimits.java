package io.tributary.collector.query;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.time.Duration;

/**
 * What one query may cost; section {@code query} of the configuration.
 *
 * @param readingsMax readings decoded or merged
 * @param bytesMax of the answer, before compression
 * @param timeMax from its start to the last row, waiting for a slow client included
 * @param windowsMax windows of one series
 * @param cellsMax windows times series that are accumulated at the same time: one device's with {@code group=device},
 *     all otherwise; a cell takes 8 to 80 bytes, by function
 * @param sortedRowsMax readings of one device held to be put into order, when the axis is not event time
 * @param percentileValuesMax values kept at the same time to take percentiles of; each takes 8 to 12 bytes
 */
public record QueryLimits(
        @Default("100000000") long readingsMax,
        @Default("1GiB") ByteSize bytesMax,
        @Default("2m") Duration timeMax,
        @Default("50000") int windowsMax,
        @Default("250000") int cellsMax,
        @Default("100000") int sortedRowsMax,
        @Default("4000000") long percentileValuesMax) {
    public static final QueryLimits DEFAULT = new QueryLimits(
            100_000_000, new ByteSize(1 << 30), Duration.ofMinutes(2), 50_000, 250_000, 100_000, 4_000_000);

    public QueryLimits {
        atLeastOne("readings-max", readingsMax);
        atLeastOne("bytes-max", bytesMax.bytes());
        atLeastOne("time-max in ns", timeMax.toNanos());
        atLeastOne("windows-max", windowsMax);
        atLeastOne("cells-max", cellsMax);
        atLeastOne("sorted-rows-max", sortedRowsMax);
        atLeastOne("percentile-values-max", percentileValuesMax);
    }

    private static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ", expected at least 1");
        }
    }
}
