package io.tributary.agent.source.mqtt;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all sources of this kind of an agent; the label tells them apart. */
public final class MqttMetrics {
    private static final String PREFIX = "tributary_agent_mqtt_";

    final Gauge connected;
    final Gauge inFlight;
    final Counter connects;
    final Counter connectFailures;
    final Counter lostConnections;
    final Counter lostSessions;
    final Counter messages;
    final Counter bytes;
    final Counter settled;
    final Counter unacknowledged;
    final Counter retainedIgnored;
    final Counter stalls;
    final Counter dropped;

    public MqttMetrics(PrometheusRegistry registry) {
        connected = gauge(registry, "connected", "1 while subscribed at the broker.");
        inFlight = gauge(registry, "in_flight", "Messages on their way to the outbox.");
        connects = counter(registry, "connects_total", "Connections to the broker that came about.");
        connectFailures = counter(registry, "connect_failures_total", "Connections that did not.");
        lostConnections = counter(registry, "lost_connections_total", "Connections that ended by themselves.");
        lostSessions = counter(
                registry,
                "lost_sessions_total",
                "Times the broker had forgotten the session: what came while the agent was away is not there.");
        messages = counter(registry, "messages_total", "Messages received.", "qos");
        bytes = counter(registry, "bytes_total", "Bytes of payloads received.");
        settled = counter(
                registry,
                "settled_total",
                "Messages by what became of them: taken, lettered, refused, abandoned.",
                "outcome");
        unacknowledged = counter(
                registry,
                "unacknowledged_total",
                "Messages taken after their connection had ended: the broker sends them again.");
        retainedIgnored = counter(registry, "retained_ignored_total", "Retained messages that were not taken.");
        stalls = counter(registry, "stalls_total", "Connections given up because the intake had no room for too long.");
        dropped = counter(registry, "dropped_total", "Messages of QoS 0 that came when the intake had no room.");
    }

    private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
        return Gauge.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames("source")
                .register(registry);
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
