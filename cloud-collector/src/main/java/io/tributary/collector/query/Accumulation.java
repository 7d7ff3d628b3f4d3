package io.tributary.collector.query;

/**
 * What the accumulators of one group of series share.
 *
 * @param kept the values for percentiles, one copy for all of them
 */
record Accumulation(AggregateQuery query, Windows windows, QueryRun run, KeptValues kept) {
    Accumulation(AggregateQuery query, Windows windows, QueryRun run) {
        this(query, windows, run, new KeptValues(windows.count(), run));
    }
}
