package io.tributary.collector.query;

import org.jspecify.annotations.Nullable;

/**
 * Raw readings, device by device in the order of their IDs, within a device by time on the axis.
 *
 * @param limit at most this many; {@link #NO_LIMIT}
 * @param filter which readings count
 * @param after only what comes behind; null from the beginning
 */
public record ReadQuery(
        SeriesSelector series,
        Axis axis,
        TimeRange range,
        boolean ascending,
        long limit,
        ReadingFilter filter,
        @Nullable Position after) {
    public static final long NO_LIMIT = Long.MAX_VALUE;

    public ReadQuery {
        if (limit < 1) {
            throw QueryException.invalid("limit is " + limit + ", expected at least 1");
        }
    }

    /** Readings whatever they are. */
    public ReadQuery(
            SeriesSelector series,
            Axis axis,
            TimeRange range,
            boolean ascending,
            long limit,
            @Nullable Position after) {
        this(series, axis, range, ascending, limit, ReadingFilter.NONE, after);
    }
}
