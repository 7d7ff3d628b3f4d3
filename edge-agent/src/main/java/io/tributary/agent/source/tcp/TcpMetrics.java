package io.tributary.agent.source.tcp;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all TCP sources of an agent; the label tells them apart. */
public final class TcpMetrics {
    final Gauge connections;
    final Counter refusedConnections;
    final Counter evictedConnections;
    final Counter failedHandshakes;
    final Counter messages;
    final Counter malformed;
    final Counter bytes;

    public TcpMetrics(PrometheusRegistry registry) {
        connections = Gauge.builder()
                .name("tributary_agent_tcp_connections")
                .help("Open connections.")
                .labelNames("source")
                .register(registry);
        refusedConnections = counter(
                registry, "tributary_agent_tcp_refused_connections_total", "Connections above the source's limit.");
        evictedConnections = counter(
                registry,
                "tributary_agent_tcp_evicted_connections_total",
                "Connections without a message yet, closed for others above the source's limit.");
        failedHandshakes = counter(
                registry, "tributary_agent_tcp_failed_handshakes_total", "Connections that TLS did not let in.");
        messages = counter(registry, "tributary_agent_tcp_messages_total", "Frames or lines received.");
        malformed = counter(registry, "tributary_agent_tcp_malformed_total", "Frames or lines not understood.");
        bytes = counter(registry, "tributary_agent_tcp_bytes_total", "Bytes received.");
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder().name(name).help(help).labelNames("source").register(registry);
    }
}
