package io.tributary.collector.query;

/** Sample standard deviation by Welford's method: one pass, no cancellation of large squares. */
final class StddevAccumulator implements Accumulator {
    private final long[] counts;
    private final double[] means;
    private final double[] squares;

    StddevAccumulator(int windows) {
        counts = new long[windows];
        means = new double[windows];
        squares = new double[windows];
    }

    @Override
    public void addRun(int window, long[] times, double[] values, int from, int to) {
        long count = counts[window];
        double mean = means[window];
        double square = squares[window];
        for (int i = from; i < to; i++) {
            double value = values[i];
            if (!Double.isNaN(value)) {
                count++;
                double before = value - mean;
                mean += before / count;
                square += before * (value - mean);
            }
        }
        counts[window] = count;
        means[window] = mean;
        squares[window] = square;
    }

    @Override
    public double result(int window) {
        return counts[window] < 2 ? Double.NaN : Math.sqrt(squares[window] / (counts[window] - 1));
    }
}
