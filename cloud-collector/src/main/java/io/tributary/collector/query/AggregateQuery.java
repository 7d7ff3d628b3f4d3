package io.tributary.collector.query;

import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;

/**
 * Readings aggregated over windows of time.
 *
 * @param everyNs width of a window; 0 for one window over the whole range
 * @param zone whose wall clock the windows are aligned to
 * @param functions at least one, each once, in the order of the answer
 */
public record AggregateQuery(
        SeriesSelector series,
        Axis axis,
        TimeRange range,
        long everyNs,
        ZoneId zone,
        List<AggregateFunction> functions,
        Grouping grouping,
        Fill fill) {
    public AggregateQuery {
        functions = List.copyOf(functions);
        if (functions.isEmpty()) {
            throw QueryException.invalid("no function is given, expected at least one, for example avg");
        }
        if (EnumSet.copyOf(functions).size() < functions.size()) {
            throw QueryException.invalid("a function is given twice, expected each once");
        }
        if (everyNs < 0) {
            throw QueryException.invalid("every is " + everyNs + " ns, expected more than 0");
        }
        if (everyNs > 0 && (range.fromNs() == Long.MIN_VALUE || range.toNs() == Long.MAX_VALUE)) {
            throw QueryException.invalid("the range is open, expected from and to with every");
        }
    }
}
