package io.tributary.agent.decode;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all decoders of an agent; the label tells their sources apart. */
public final class DecodeMetrics {
    final Counter skipped;
    final Counter rebirths;
    final Counter sequenceGaps;
    final Gauge stateBytes;
    final Counter forgottenNodes;

    public DecodeMetrics(PrometheusRegistry registry) {
        skipped = Counter.builder()
                .name("tributary_agent_decode_skipped_values_total")
                .help("Values in messages that were understood but make no reading, by cause.")
                .labelNames("source", "cause")
                .register(registry);
        rebirths = counter(
                registry, "tributary_agent_sparkplug_rebirths_total", "Requests that an edge node introduces itself.");
        sequenceGaps = counter(
                registry, "tributary_agent_sparkplug_sequence_gaps_total", "Messages whose sequence was not the next.");
        forgottenNodes = counter(
                registry,
                "tributary_agent_sparkplug_forgotten_nodes_total",
                "Edge nodes whose birth was forgotten to stay within state-bytes-max.");
        stateBytes = Gauge.builder()
                .name("tributary_agent_sparkplug_state_bytes")
                .help("What is kept of births, roughly.")
                .labelNames("source")
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder().name(name).help(help).labelNames("source").register(registry);
    }
}
