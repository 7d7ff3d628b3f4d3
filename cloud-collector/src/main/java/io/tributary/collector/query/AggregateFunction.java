package io.tributary.collector.query;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an aggregate computes over the readings of a window. Longs count as {@code (double) value}, bools as 0 and 1; a
 * value that is NaN takes part in {@link #COUNT} only; texts are counted and nothing else. All qualities count. A window
 * without a value for a function has null, never 0; NaN as a result (infinities of both signs) is null too.
 *
 * <p>Over several series (groups): readings of all of them together, but {@link #RATE} and {@link #DELTA} are computed
 * per series and added up.
 */
public enum AggregateFunction {
    /** Readings, NaN and texts included. */
    COUNT,
    MIN,
    MAX,
    /** Plain double addition; the order is that of event time within a series, block by block. */
    SUM,
    /** Sum over the number of values that are not NaN. */
    AVG,
    /** The value with the lowest event time; of several series with the same, that of the first device ID. */
    FIRST,
    /** The value with the highest event time; of several series with the same, that of the last device ID. */
    LAST,
    /** Sample standard deviation (n - 1), by Welford's method; null below two values. */
    STDDEV,
    /** Increase of a counter per second: a fall is taken as a reset to zero. Null below two values. */
    RATE,
    /** Last value minus first value; null below two values. */
    DELTA;

    /** As the API writes it: {@code avg}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Null when there is none of this name. */
    public static @Nullable AggregateFunction of(String word) {
        for (AggregateFunction function : values()) {
            if (function.word().equals(word)) {
                return function;
            }
        }
        return null;
    }

    Accumulator accumulator(int windows) {
        return switch (this) {
            case COUNT -> new SimpleAccumulators.Count(windows);
            case MIN -> new SimpleAccumulators.Min(windows);
            case MAX -> new SimpleAccumulators.Max(windows);
            case SUM -> new SimpleAccumulators.Sum(windows);
            case AVG -> new SimpleAccumulators.Avg(windows);
            case FIRST -> new EdgeAccumulators.First(windows);
            case LAST -> new EdgeAccumulators.Last(windows);
            case STDDEV -> new StddevAccumulator(windows);
            case RATE -> new ChangeAccumulators.Rate(windows);
            case DELTA -> new ChangeAccumulators.Delta(windows);
        };
    }
}
