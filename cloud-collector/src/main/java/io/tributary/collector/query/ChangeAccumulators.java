package io.tributary.collector.query;

import java.util.Arrays;

/**
 * Functions of how a series moves within a window: computed per series, then added up over the group. Readings that do
 * not come later than the one before (a channel that had two types) are left out.
 */
final class ChangeAccumulators {
    private static final double NANOS_PER_SECOND = 1e9;

    private ChangeAccumulators() {}

    /** First and last value of the present series per window, and the results of the series that are over. */
    private abstract static class Change implements Accumulator {
        final long[] firstTimes;
        final long[] lastTimes;
        final double[] lastValues;
        private final int[] counts;
        private final double[] totals;

        Change(int windows) {
            firstTimes = new long[windows];
            lastTimes = new long[windows];
            lastValues = new double[windows];
            counts = new int[windows];
            totals = new double[windows];
            Arrays.fill(totals, Double.NaN);
        }

        @Override
        public final void addRun(int window, long[] times, double[] values, int from, int to) {
            for (int i = from; i < to; i++) {
                if (Double.isNaN(values[i]) || counts[window] > 0 && times[i] <= lastTimes[window]) {
                    continue;
                }
                if (counts[window] == 0) {
                    firstTimes[window] = times[i];
                    begin(window, values[i]);
                } else {
                    step(window, values[i]);
                }
                lastTimes[window] = times[i];
                lastValues[window] = values[i];
                counts[window] = Math.min(2, counts[window] + 1);
            }
        }

        @Override
        public final void endSeries() {
            for (int window = 0; window < counts.length; window++) {
                if (counts[window] > 1) {
                    double value = seriesResult(window);
                    totals[window] = Double.isNaN(totals[window]) ? value : totals[window] + value;
                }
                counts[window] = 0;
            }
        }

        @Override
        public final double result(int window) {
            return totals[window];
        }

        abstract void begin(int window, double value);

        /** Called before {@code lastValues} takes the value. */
        abstract void step(int window, double value);

        abstract double seriesResult(int window);
    }

    static final class Delta extends Change {
        private final double[] firstValues;

        Delta(int windows) {
            super(windows);
            firstValues = new double[windows];
        }

        @Override
        void begin(int window, double value) {
            firstValues[window] = value;
        }

        @Override
        void step(int window, double value) {}

        @Override
        double seriesResult(int window) {
            return lastValues[window] - firstValues[window];
        }
    }

    static final class Rate extends Change {
        private final double[] increases;

        Rate(int windows) {
            super(windows);
            increases = new double[windows];
        }

        @Override
        void begin(int window, double value) {
            increases[window] = 0;
        }

        @Override
        void step(int window, double value) {
            double before = lastValues[window];
            increases[window] += value >= before ? value - before : value;
        }

        @Override
        double seriesResult(int window) {
            return increases[window] / ((lastTimes[window] - firstTimes[window]) / NANOS_PER_SECOND);
        }
    }
}
