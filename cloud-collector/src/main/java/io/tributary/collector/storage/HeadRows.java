package io.tributary.collector.storage;

/**
 * Rows of one layout in a head. A device's rows are chained from the last to the first; a span is a part of that chain
 * whose rows lie behind each other in one of these, in the order of arrival.
 */
sealed interface HeadRows permits HeadSegment, EncodedRun {
    /** Rows are numbered {@code index << ROW_BITS | row} in their head. */
    int ROW_BITS = 10;

    int ROWS_MAX = 1 << ROW_BITS;
    int ROW_MASK = ROWS_MAX - 1;

    HeadLayout layout();

    /** The first row of the span that ends with {@code row}. */
    int spanStart(int row);

    /** The device's row before {@code row}, which begins a span; -1 at its first. */
    int previous(int row);

    /** Index of the append of a row. */
    int append(int row);

    /** Lowest event time of a span. */
    long firstEvent(int from, int to);

    /** Highest event time of a span. */
    long lastEvent(int from, int to);

    /** The rows with their columns, decoded where they were not; what is not its own may not be changed. */
    HeadSegment open();
}
