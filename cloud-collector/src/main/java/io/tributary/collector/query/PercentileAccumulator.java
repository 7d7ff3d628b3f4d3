package io.tributary.collector.query;

/** An exact percentile. The first one of a group collects the values; the others look at them. */
final class PercentileAccumulator implements Accumulator {
    private final KeptValues kept;
    private final double part;
    private final boolean collects;

    PercentileAccumulator(Accumulation of, double part) {
        this.kept = of.kept();
        this.part = part;
        this.collects = of.query().functions().stream()
                .filter(AggregateFunction::isPercentile)
                .findFirst()
                .filter(first -> first.isQuantile(part))
                .isPresent();
    }

    @Override
    public void addRun(int window, long[] times, double[] values, int from, int to) {
        if (collects) {
            kept.add(window, values, from, to);
        }
    }

    @Override
    public double result(int window) {
        return kept.quantile(window, part);
    }
}
