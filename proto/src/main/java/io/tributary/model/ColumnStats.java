package io.tributary.model;

import org.jspecify.annotations.Nullable;

/**
 * Statistics of the values of a column. Numbers as doubles: bools are 0 and 1, longs are rounded as {@code (double) value}.
 *
 * @param min, max over values that are not NaN; NaN when there are none
 * @param sum in row order, plain double addition; NaN values are left out
 */
public record ColumnStats(double min, double max, double sum, double first, double last) {
    /**
     * Null where a value is NaN: with such among them, a sum and a count of readings make no average. Null for texts, too.
     *
     * @param values at least one, in row order
     */
    static @Nullable ColumnStats of(Column values) {
        return switch (values.type()) {
            case DOUBLE -> ofDoubles(values.doubles(), values.size());
            case STRING -> null;
            default -> ofLongs(values.longs(), values.size());
        };
    }

    /** Comparisons cost a fraction of {@link Math#min}, whose care about -0.0 is needed only for an extreme of 0. */
    static @Nullable ColumnStats ofDoubles(double[] values, int size) {
        double min = values[0];
        double max = min;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            double value = values[i];
            min = value < min ? value : min;
            max = value > max ? value : max;
            sum += value;
        }
        if (Double.isNaN(sum) && hasNaN(values, size)) {
            return null;
        }
        if (min == 0 || max == 0) {
            for (int i = 0; i < size; i++) {
                min = Math.min(min, values[i]);
                max = Math.max(max, values[i]);
            }
        }
        return new ColumnStats(min, max, sum, values[0], values[size - 1]);
    }

    /** A sum may be NaN without one: infinities of both signs. */
    private static boolean hasNaN(double[] values, int size) {
        for (int i = 0; i < size; i++) {
            if (Double.isNaN(values[i])) {
                return true;
            }
        }
        return false;
    }

    static ColumnStats ofLongs(long[] values, int size) {
        long min = values[0];
        long max = min;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            long value = values[i];
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
        }
        return new ColumnStats(min, max, sum, values[0], values[size - 1]);
    }
}
