package io.tributary.collector.storage;

/** Statistics of one series over consecutive windows, in ascending order; windows without readings have no row. */
public interface StatsRows {
    int size();

    /** Of the values that are numbers; their count is 0 when there are none, and everything else NaN. */
    SeriesStats numbers(int row);

    /** Readings that are no numbers: NaN, and texts. They count, and nothing else. */
    long others(int row);

    /** When the window of the row begins. */
    long windowStart(int row);
}
