package io.tributary.collector.query;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What queries cost. */
final class QueryMetrics {
    private final Histogram seconds;
    private final Counter readings;
    private final Counter headers;
    private final Counter decoded;
    private final Counter skipped;
    private final Counter refused;

    QueryMetrics(PrometheusRegistry registry) {
        seconds = Histogram.builder()
                .name("tributary_collector_query_seconds")
                .help("Time of a query, waiting for its client included, by kind.")
                .labelNames("kind")
                .classicOnly()
                .classicUpperBounds(0.001, 0.01, 0.1, 1, 10)
                .register(registry);
        readings = Counter.builder()
                .name("tributary_collector_query_readings_total")
                .help("Readings decoded for queries.")
                .register(registry);
        headers = Counter.builder()
                .name("tributary_collector_query_headers_total")
                .help("Series of blocks that a query answered from their statistics, without decoding them.")
                .register(registry);
        decoded = Counter.builder()
                .name("tributary_collector_query_decoded_total")
                .help("Series of blocks that an aggregate had to decode.")
                .register(registry);
        skipped = Counter.builder()
                .name("tributary_collector_query_skipped_total")
                .help("Series of blocks that a filter ruled out by their statistics.")
                .register(registry);
        refused = Counter.builder()
                .name("tributary_collector_queries_refused_total")
                .help("Queries not answered, or not to their end, by reason.")
                .labelNames("reason")
                .register(registry);
    }

    void ended(String kind, QueryRun run) {
        seconds.labelValues(kind).observe(run.elapsedNanos() / 1e9);
        readings.inc(run.readings());
        headers.inc(run.headers());
        decoded.inc(run.decodedSeries());
        skipped.inc(run.skippedSeries());
    }

    void refused(QueryException.Kind kind) {
        refused.labelValues(
                        switch (kind) {
                            case INVALID -> "invalid";
                            case TOO_LARGE -> "too-large";
                            case CANCELLED -> "cancelled";
                        })
                .inc();
    }
}
