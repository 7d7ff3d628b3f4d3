package io.tributary.model;

/**
 * Rows that share a set of channels, grouped into runs of one device. Sensors report the same channels again and again;
 * one table per channel set means that presence bitmaps are rare and every column is dense.
 *
 * <pre>
 * runDevice  [ 3        , 7   ]   index into Batch.devices()
 * runLength  [ 3        , 1   ]
 * eventTimes [ t0 t1 t2 , t0' ]   ns since epoch; {@link #STAMP_ON_ARRIVAL} before the intake has stamped it
 * edgeTimes  [ e0 e1 e2 , e0' ]   ns since epoch; 0 before the intake has stamped it
 * channels   [ 0, 4 ]             index into Batch.channels()
 * columns    [ c0, c4 ]           values per channel, see {@link Column}
 * </pre>
 *
 * Arrays are owned by the table and not copied.
 */
public record Table(
        int rows,
        int[] runDevice,
        int[] runLength,
        long[] eventTimes,
        long[] edgeTimes,
        int[] channels,
        Column[] columns) {
    /** Event time of a row whose device gave none. */
    public static final long STAMP_ON_ARRIVAL = Long.MIN_VALUE;

    public Table {
        if (runDevice.length != runLength.length) {
            throw new IllegalArgumentException(
                    "table has " + runDevice.length + " run devices and " + runLength.length + " run lengths");
        }
        if (channels.length != columns.length) {
            throw new IllegalArgumentException(
                    "table has " + channels.length + " channels and " + columns.length + " columns");
        }
        long sum = 0;
        for (int length : runLength) {
            if (length <= 0) {
                throw new IllegalArgumentException("run length " + length + ", expected at least 1");
            }
            sum += length;
        }
        if (sum != rows || eventTimes.length < rows || edgeTimes.length < rows) {
            throw new IllegalArgumentException("table of " + rows + " rows has runs over " + sum + " rows, "
                    + eventTimes.length + " event times and " + edgeTimes.length + " edge times");
        }
    }

    /** Present values in all columns. */
    public long readingCount() {
        long count = 0;
        for (Column column : columns) {
            count += column.size();
        }
        return count;
    }
}
