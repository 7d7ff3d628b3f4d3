package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesStats;
import java.util.Arrays;

/** The values at the edges of a window, by event time. */
final class EdgeAccumulators {
    private EdgeAccumulators() {}

    static final class First implements Accumulator {
        private final long[] firstTimes;
        private final double[] firstValues;

        First(int windows) {
            firstTimes = new long[windows];
            firstValues = new double[windows];
            Arrays.fill(firstValues, Double.NaN);
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            for (int i = from; i < to; i++) {
                if (!Double.isNaN(values[i])) {
                    offer(window, times[i], values[i]);
                    return;
                }
            }
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            offer(window, stats.firstTime(), stats.first());
        }

        private void offer(int window, long time, double value) {
            if (Double.isNaN(firstValues[window]) || time < firstTimes[window]) {
                firstTimes[window] = time;
                firstValues[window] = value;
            }
        }

        @Override
        public double result(int window) {
            return firstValues[window];
        }
    }

    static final class Last implements Accumulator {
        private final long[] lastTimes;
        private final double[] lastValues;

        Last(int windows) {
            lastTimes = new long[windows];
            lastValues = new double[windows];
            Arrays.fill(lastValues, Double.NaN);
        }

        @Override
        public void addRun(int window, long[] times, double[] values, int from, int to) {
            for (int i = to - 1; i >= from; i--) {
                if (!Double.isNaN(values[i])) {
                    offer(window, times[i], values[i]);
                    return;
                }
            }
        }

        @Override
        public boolean takesStats() {
            return true;
        }

        @Override
        public void addStats(int window, SeriesStats stats) {
            offer(window, stats.lastTime(), stats.last());
        }

        private void offer(int window, long time, double value) {
            if (Double.isNaN(lastValues[window]) || time >= lastTimes[window]) {
                lastTimes[window] = time;
                lastValues[window] = value;
            }
        }

        @Override
        public double result(int window) {
            return lastValues[window];
        }
    }
}
