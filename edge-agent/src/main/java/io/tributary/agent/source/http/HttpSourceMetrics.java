package io.tributary.agent.source.http;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all HTTP sources of an agent; the label tells them apart. */
final class HttpSourceMetrics {
    private static final String PREFIX = "tributary_agent_http_source_";

    final Counter requests;
    final Counter bytes;
    final Counter readings;
    final Counter malformed;

    HttpSourceMetrics(PrometheusRegistry registry) {
        requests = counter(registry, "requests_total", "Requests with readings, by status answered.", "status");
        bytes = counter(registry, "bytes_total", "Bytes of bodies received, inflated.");
        readings = counter(registry, "readings_total", "Readings taken.");
        malformed = counter(registry, "malformed_total", "Lines, or bodies of JSON, not understood.");
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        String[] names = new String[labels.length + 1];
        names[0] = "source";
        System.arraycopy(labels, 0, names, 1, labels.length);
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(names)
                .register(registry);
    }
}
