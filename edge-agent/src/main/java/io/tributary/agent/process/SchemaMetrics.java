package io.tributary.agent.process;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/** What the schema guard tells. */
final class SchemaMetrics {
    final Counter events;
    final Counter readings;
    final Counter forgotten;
    private final PrometheusRegistry registry;

    SchemaMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        events = Counter.builder()
                .name("tributary_agent_schema_events_total")
                .help(
                        "Channels that were met first, unknown to the configuration, or of another type or unit than before.")
                .labelNames("source", "event")
                .register(registry);
        readings = Counter.builder()
                .name("tributary_agent_schema_readings_total")
                .help("Readings that the schema's policies converted or sent to the dead letters.")
                .labelNames("source", "event", "action")
                .register(registry);
        forgotten = Counter.builder()
                .name("tributary_agent_schema_forgotten_series_total")
                .help("Series whose type and unit were forgotten to stay within schema.series-max.")
                .register(registry);
    }

    void series(LongSupplier series) {
        GaugeWithCallback.builder()
                .name("tributary_agent_schema_series")
                .help("Series whose type and unit are kept.")
                .callback(gauge -> gauge.call((double) series.getAsLong()))
                .register(registry);
    }
}
