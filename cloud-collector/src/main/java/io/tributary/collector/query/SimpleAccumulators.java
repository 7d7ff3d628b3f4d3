package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesStats;
import java.util.Arrays;

/** Functions for which the order of readings does not matter. */
final class SimpleAccumulators {
    private SimpleAccumulators() {}

    static final class Count implements Accumulator {
        private final long[] counts;

        Count(int windows) {
            counts = new long[windows];
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            counts[window] += to - from;
        }

        @Override
        public void addTexts(int window, int count) {
            counts[window] += count;
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            counts[window] += stats.count();
        }

        @Override
        public double result(int window) {
            return counts[window];
        }
    }

    static final class Min implements Accumulator {
        private final double[] least;

        Min(int windows) {
            least = new double[windows];
            Arrays.fill(least, Double.NaN);
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            double min = least[window];
            for (int i = from; i < to; i++) {
                min = lesser(min, values[i]);
            }
            least[window] = min;
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            least[window] = lesser(least[window], stats.min());
        }

        private static double lesser(double a, double b) {
            return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
        }

        @Override
        public double result(int window) {
            return least[window];
        }
    }

    static final class Max implements Accumulator {
        private final double[] most;

        Max(int windows) {
            most = new double[windows];
            Arrays.fill(most, Double.NaN);
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            double max = most[window];
            for (int i = from; i < to; i++) {
                max = greater(max, values[i]);
            }
            most[window] = max;
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            most[window] = greater(most[window], stats.max());
        }

        private static double greater(double a, double b) {
            return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
        }

        @Override
        public double result(int window) {
            return most[window];
        }
    }

    /** The sum, and how many values are in it: an empty sum is no value. */
    static class Sum implements Accumulator {
        final double[] sums;
        final long[] numbers;

        Sum(int windows) {
            sums = new double[windows];
            numbers = new long[windows];
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            double sum = sums[window];
            long count = 0;
            for (int i = from; i < to; i++) {
                double value = values[i];
                if (!Double.isNaN(value)) {
                    sum += value;
                    count++;
                }
            }
            sums[window] = sum;
            numbers[window] += count;
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            sums[window] += stats.sum();
            numbers[window] += stats.count();
        }

        @Override
        public double result(int window) {
            return numbers[window] == 0 ? Double.NaN : sums[window];
        }
    }

    static final class Avg extends Sum {
        Avg(int windows) {
            super(windows);
        }

        @Override
        public double result(int window) {
            return numbers[window] == 0 ? Double.NaN : sums[window] / numbers[window];
        }
    }
}
