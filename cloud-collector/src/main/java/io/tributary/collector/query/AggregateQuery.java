package io.tributary.collector.query;

import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Readings aggregated over windows of time.
 *
 * @param everyNs width of a window; 0 for one window over the whole range
 * @param zone whose wall clock the windows are aligned to
 * @param functions at least one, each once, in the order of the answer
 * @param filter which readings count
 * @param holdNs how long a value holds at most, for {@link AggregateFunction#TWA}; {@link #HOLD_ON} until the next one
 * @param ascending order of the windows of a series; series ascend in any case
 * @param limit at most this many windows over all series; {@link #NO_LIMIT}
 * @param after only what comes behind; null from the beginning
 */
public record AggregateQuery(
        SeriesSelector series,
        Axis axis,
        TimeRange range,
        long everyNs,
        ZoneId zone,
        List<AggregateFunction> functions,
        Grouping grouping,
        Fill fill,
        ReadingFilter filter,
        long holdNs,
        boolean ascending,
        long limit,
        @Nullable WindowPosition after) {
    public static final long NO_LIMIT = Long.MAX_VALUE;
    public static final long HOLD_ON = Long.MAX_VALUE;

    public AggregateQuery {
        functions = List.copyOf(functions);
        if (functions.isEmpty()) {
            throw QueryException.invalid("no function is given, expected at least one, for example avg");
        }
        if (new HashSet<>(functions).size() < functions.size()) {
            throw QueryException.invalid("a function is given twice, expected each once");
        }
        if (everyNs < 0) {
            throw QueryException.invalid("every is " + everyNs + " ns, expected more than 0");
        }
        boolean open = range.fromNs() == Long.MIN_VALUE || range.toNs() == Long.MAX_VALUE;
        if (everyNs > 0 && open) {
            throw QueryException.invalid("the range is open, expected from and to with every");
        }
        if (holdNs < 1) {
            throw QueryException.invalid("hold is " + holdNs + " ns, expected more than 0");
        }
        if (limit < 1) {
            throw QueryException.invalid("limit is " + limit + ", expected at least 1");
        }
        if (functions.contains(AggregateFunction.TWA) && (axis != Axis.EVENT || open)) {
            throw QueryException.invalid("twa weighs by event time, expected axis=event, from and to with it");
        }
    }

    /** All windows, ascending, of all readings. */
    public AggregateQuery(
            SeriesSelector series,
            Axis axis,
            TimeRange range,
            long everyNs,
            ZoneId zone,
            List<AggregateFunction> functions,
            Grouping grouping,
            Fill fill) {
        this(
                series,
                axis,
                range,
                everyNs,
                zone,
                functions,
                grouping,
                fill,
                ReadingFilter.NONE,
                HOLD_ON,
                true,
                NO_LIMIT,
                null);
    }
}
