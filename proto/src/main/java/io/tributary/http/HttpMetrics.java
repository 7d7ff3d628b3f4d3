package io.tributary.http;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.IntSupplier;

/** What the server tells of itself. */
final class HttpMetrics {
    /** Requests that no route was found for, or that were not understood at all. */
    static final String NO_ROUTE = "none";

    private final Counter requests;
    private final Histogram seconds;
    final Counter responseBytes;
    final Counter connectionsRefused;
    final Counter connectionsEvicted;
    final Counter handshakesFailed;
    final Counter aborted;

    HttpMetrics(PrometheusRegistry registry, IntSupplier connections, IntSupplier queued) {
        requests = Counter.builder()
                .name("tributary_http_requests_total")
                .help("Requests answered, by route and status.")
                .labelNames("route", "status")
                .register(registry);
        seconds = Histogram.builder()
                .name("tributary_http_request_seconds")
                .help("From a complete request to the end of its response, by route.")
                .labelNames("route")
                .classicOnly()
                .classicUpperBounds(0.001, 0.01, 0.1, 1, 10)
                .register(registry);
        responseBytes = Counter.builder()
                .name("tributary_http_response_bytes_total")
                .help("Bytes of response bodies, after compression.")
                .register(registry);
        connectionsRefused = Counter.builder()
                .name("tributary_http_connections_refused_total")
                .help("Connections closed at once because connections-max were open.")
                .register(registry);
        connectionsEvicted = Counter.builder()
                .name("tributary_http_connections_evicted_total")
                .help("Connections without a request yet, closed for others because connections-max were open.")
                .register(registry);
        handshakesFailed = Counter.builder()
                .name("tributary_http_handshakes_failed_total")
                .help("TLS handshakes that did not succeed.")
                .register(registry);
        aborted = Counter.builder()
                .name("tributary_http_responses_aborted_total")
                .help("Responses cut short because the client went away, did not read, or the handler failed.")
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_http_connections")
                .help("Open HTTP connections.")
                .callback(gauge -> gauge.call(connections.getAsInt()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_http_queued_requests")
                .help("Requests waiting for a worker.")
                .callback(gauge -> gauge.call(queued.getAsInt()))
                .register(registry);
    }

    void answered(String route, int status, long nanos) {
        requests.labelValues(route, Integer.toString(status)).inc();
        seconds.labelValues(route).observe(nanos / 1e9);
    }
}
