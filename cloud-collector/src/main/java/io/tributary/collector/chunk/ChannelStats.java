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
        return switch (values.type()) {
            case DOUBLE -> ofDoubles(values.doubles(), values.size());
            case LONG, BOOL -> ofLongs(values.longs(), values.size());
            case STRING -> new ChannelStats(Double.NaN, Double.NaN, 0, Double.NaN, Double.NaN);
        };
    }

    private static ChannelStats ofDoubles(double[] values, int size) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int numbers = 0;
        for (int i = 0; i < size; i++) {
            double value = values[i];
            if (!Double.isNaN(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
                sum += value;
                numbers++;
            }
        }
        boolean any = numbers > 0;
        return new ChannelStats(any ? min : Double.NaN, any ? max : Double.NaN, sum, values[0], values[size - 1]);
    }

    private static ChannelStats ofLongs(long[] values, int size) {
        double min = values[0];
        double max = min;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            double value = values[i];
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
        }
        return new ChannelStats(min, max, sum, values[0], values[size - 1]);
    }
}
