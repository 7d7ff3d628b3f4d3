package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesStats;

/**
 * One function over all windows of one group of series. Fed by one thread: series after series, each in ascending event
 * time.
 */
interface Accumulator {
    /**
     * Consecutive readings of a series in one window.
     *
     * @param times event times
     * @param values may hold NaN
     * @param from index of the first, inclusive
     * @param to index behind the last
     */
    void addRun(int window, long[] times, double[] values, int from, int to);

    /** Texts, of which there is nothing but their number. */
    default void addTexts(int window, int count) {}

    /** Whether {@link #addStats} is enough. */
    default boolean takesStats() {
        return false;
    }

    /** A whole block of a series in one window, from its header; it has no NaN. */
    default void addStats(int window, SeriesStats stats) {
        throw new IllegalStateException("BUG: " + getClass().getSimpleName() + " cannot use statistics");
    }

    /** Whether {@link #prime} is wanted. */
    default boolean wantsPrior() {
        return false;
    }

    /** The last value of the series before the asked range; called before its first run, when there is one. */
    default void prime(long timeNs, double value) {}

    /** The series is over. */
    default void endSeries() {}

    /** NaN when the window has no value. */
    double result(int window);
}
