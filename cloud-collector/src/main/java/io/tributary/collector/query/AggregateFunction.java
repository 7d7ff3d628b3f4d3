package io.tributary.collector.query;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an aggregate computes over the readings of a window. Longs count as {@code (double) value}, bools as 0 and 1; a
 * value that is NaN takes part in {@link #COUNT} only; texts are counted and nothing else. All qualities count unless a
 * filter says otherwise. A window without a value for a function has null, never 0; NaN as a result (infinities of both
 * signs) is null too.
 *
 * <p>Over several series (groups): readings of all of them together, but {@link #RATE} and {@link #DELTA} are computed
 * per series and added up, and {@link #TWA} weighs each series by the time that its values cover.
 */
public final class AggregateFunction {
    /** Readings, NaN and texts included. */
    public static final AggregateFunction COUNT = new AggregateFunction(
            "count", of -> new SimpleAccumulators.Count(of.windows().count()));

    public static final AggregateFunction MIN = new AggregateFunction(
            "min", of -> new SimpleAccumulators.Min(of.windows().count()));
    public static final AggregateFunction MAX = new AggregateFunction(
            "max", of -> new SimpleAccumulators.Max(of.windows().count()));

    /** Plain double addition; the order is that of event time within a series, block by block. */
    public static final AggregateFunction SUM = new AggregateFunction(
            "sum", of -> new SimpleAccumulators.Sum(of.windows().count()));

    /** Sum over the number of values that are not NaN. */
    public static final AggregateFunction AVG = new AggregateFunction(
            "avg", of -> new SimpleAccumulators.Avg(of.windows().count()));

    /** The value with the lowest event time; of several series with the same, that of the first device ID. */
    public static final AggregateFunction FIRST = new AggregateFunction(
            "first", of -> new EdgeAccumulators.First(of.windows().count()));

    /** The value with the highest event time; of several series with the same, that of the last device ID. */
    public static final AggregateFunction LAST = new AggregateFunction(
            "last", of -> new EdgeAccumulators.Last(of.windows().count()));

    /** Sample standard deviation (n - 1), by Welford's method; null below two values. */
    public static final AggregateFunction STDDEV = new AggregateFunction(
            "stddev", of -> new StddevAccumulator(of.windows().count()));

    /** Increase of a counter per second: a fall is taken as a reset to zero. Null below two values. */
    public static final AggregateFunction RATE = new AggregateFunction(
            "rate", of -> new ChangeAccumulators.Rate(of.windows().count()));

    /** Last value minus first value; null below two values. */
    public static final AggregateFunction DELTA = new AggregateFunction(
            "delta", of -> new ChangeAccumulators.Delta(of.windows().count()));

    /** Average weighted by how long each value holds, see {@link TimeWeightedAccumulator}. */
    public static final AggregateFunction TWA = new AggregateFunction("twa", TimeWeightedAccumulator::new);

    private static final List<AggregateFunction> NAMED =
            List.of(COUNT, MIN, MAX, SUM, AVG, FIRST, LAST, STDDEV, RATE, DELTA, TWA);
    private static final Pattern PERCENTILE = Pattern.compile("p(100|[1-9]?\\d(\\.\\d{1,6})?)");

    private final String word;
    private final Factory factory;
    private final double quantile;

    /** Makes the accumulators of one group of series. */
    private interface Factory {
        Accumulator make(Accumulation of);
    }

    private AggregateFunction(String word, Factory factory) {
        this.word = word;
        this.factory = factory;
        this.quantile = Double.NaN;
    }

    private AggregateFunction(String word, double quantile) {
        this.word = word;
        this.factory = of -> new PercentileAccumulator(of, quantile);
        this.quantile = quantile;
    }

    /** Every function that has a name of its own; percentiles are {@code p50}, {@code p99.9}. */
    public static List<AggregateFunction> named() {
        return NAMED;
    }

    /** As the API writes it: {@code avg}. */
    public String word() {
        return word;
    }

    /** Null when there is none of this name. */
    public static @Nullable AggregateFunction of(String word) {
        for (AggregateFunction function : NAMED) {
            if (function.word.equals(word)) {
                return function;
            }
        }
        return PERCENTILE.matcher(word).matches()
                ? new AggregateFunction(word, Double.parseDouble(word.substring(1)) / 100)
                : null;
    }

    /** What {@link #of} understands, for messages. */
    public static String words() {
        StringBuilder words = new StringBuilder();
        for (AggregateFunction function : NAMED) {
            words.append(function.word).append(", ");
        }
        return words.append("p50, p99.9").toString();
    }

    boolean isPercentile() {
        return !Double.isNaN(quantile);
    }

    boolean isQuantile(double part) {
        return quantile == part;
    }

    Accumulator accumulator(Accumulation of) {
        return factory.make(of);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AggregateFunction function && function.word.equals(word);
    }

    @Override
    public int hashCode() {
        return word.hashCode();
    }

    @Override
    public String toString() {
        return word;
    }
}
