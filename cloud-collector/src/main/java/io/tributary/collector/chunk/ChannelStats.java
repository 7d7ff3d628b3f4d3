package io.tributary.collector.chunk;

import io.tributary.model.Column;

/**
 * Statistics of a channel's readings in a chunk. Numbers as doubles: bools are 0 and 1, longs are rounded as {@code
 * (double) value}; texts have NaN.
 *
 * @param min, max over values that are not NaN; NaN when there are none
 * @param sum in row order, plain double addition; NaN values are left out
 */
public record ChannelStats(double min, double max, double sum, double first, double last) {
    /** @param values at least one, in row order */
    static ChannelStats of(Column values) {
        double min = Double.NaN;
        double max = Double.NaN;
        double sum = 0;
        boolean any = false;
        for (int i = 0; i < values.size(); i++) {
            double value = number(values, i);
            if (!Double.isNaN(value)) {
                min = any ? Math.min(min, value) : value;
                max = any ? Math.max(max, value) : value;
                sum += value;
                any = true;
            }
        }
        return new ChannelStats(min, max, sum, number(values, 0), number(values, values.size() - 1));
    }

    private static double number(Column values, int index) {
        return switch (values.type()) {
            case DOUBLE -> values.doubles()[index];
            case LONG, BOOL -> values.longs()[index];
            case STRING -> Double.NaN;
        };
    }
}
