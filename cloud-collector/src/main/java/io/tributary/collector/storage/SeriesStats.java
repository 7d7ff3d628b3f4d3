package io.tributary.collector.storage;

/**
 * Exact statistics of a series over a block. Numbers as doubles: bools are 0 and 1, longs are rounded as {@code (double)
 * value}; texts have count and times only and NaN elsewhere.
 *
 * @param min, max over values that are not NaN; NaN when there are none
 * @param sum in row order, plain double addition; NaN values are left out
 * @param first the value at {@code firstTime}
 * @param last the value at {@code lastTime}
 */
public record SeriesStats(
        long count, double min, double max, double sum, double first, double last, long firstTime, long lastTime) {}
