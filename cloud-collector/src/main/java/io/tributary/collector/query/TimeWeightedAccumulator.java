package io.tributary.collector.query;

/**
 * The average over time of the step function that a series' readings draw: a value holds from its reading to the next
 * one, at most for the query's hold, and to the end of the asked range at most. The last reading before the range is
 * known through {@link #prime}, so that windows begin with the value that held then. Time that no value covers, before
 * the first reading or behind the hold, has no weight. Over several series: the integrals of all over the covered time
 * of all.
 */
final class TimeWeightedAccumulator implements Accumulator {
    private final Windows windows;
    private final TimeRange range;
    private final long holdNs;
    private final double[] integrals;
    private final double[] covered;
    private boolean holds;
    private long sinceNs;
    private double value;

    TimeWeightedAccumulator(Accumulation of) {
        this.windows = of.windows();
        this.range = of.query().range();
        this.holdNs = of.query().holdNs();
        this.integrals = new double[windows.count()];
        this.covered = new double[windows.count()];
    }

    @Override
    public boolean wantsPrior() {
        return true;
    }

    @Override
    public void prime(long timeNs, double before) {
        if (!holds || timeNs > sinceNs) {
            holds = true;
            sinceNs = timeNs;
            value = before;
        }
    }

    @Override
    public void addRun(int window, long[] times, double[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            // Not later than the one before: a channel that had two types.
            if (Double.isNaN(values[i]) || holds && times[i] <= sinceNs) {
                continue;
            }
            if (holds) {
                cover(times[i]);
            }
            holds = true;
            sinceNs = times[i];
            value = values[i];
        }
    }

    @Override
    public void endSeries() {
        if (holds) {
            cover(range.toNs());
            holds = false;
        }
    }

    private void cover(long untilNs) {
        long from = Math.max(sinceNs, range.fromNs());
        long end = Math.min(untilNs, range.toNs());
        if (holdNs < end - sinceNs) {
            end = sinceNs + holdNs;
        }
        if (from >= end) {
            return;
        }
        int window = windows.indexOf(from);
        while (from < end) {
            long to = Math.min(end, windows.end(window));
            double span = (double) to - from;
            integrals[window] += value * span;
            covered[window] += span;
            from = to;
            window++;
        }
    }

    @Override
    public double result(int window) {
        return covered[window] == 0 ? Double.NaN : integrals[window] / covered[window];
    }
}
