package io.tributary.agent.source.mqttlistener;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all MQTT listeners of an agent; the label tells them apart. */
public final class MqttListenerMetrics {
    private static final String PREFIX = "tributary_agent_mqtt_listener_";

    final Gauge connections;
    final Gauge sessions;
    final Gauge pendingBytes;
    final Counter refusedConnections;
    final Counter closed;
    final Counter takeovers;
    final Counter evictedSessions;
    final Counter willsIgnored;
    final Counter messages;
    final Counter bytes;
    final Counter answers;
    final Counter repeated;
    final Counter paused;
    final Counter refusedSubscriptions;
    final Counter commands;
    final Counter resent;
    final Gauge unacknowledged;
    final Gauge unacknowledgedBytes;

    public MqttListenerMetrics(PrometheusRegistry registry) {
        connections = gauge(registry, "connections", "Open connections.");
        sessions = gauge(registry, "sessions", "Sessions, with and without a connection.");
        pendingBytes = gauge(registry, "pending_bytes", "Messages that wait for their sync.");
        refusedConnections = counter(
                registry,
                "refused_connections_total",
                "Connections that were not let in: limit, rate, half-open, gave-way, protocol, credentials, client-id.",
                "cause");
        closed = counter(registry, "closed_total", "Connections that the listener closed, by reason.", "reason");
        takeovers = counter(registry, "takeovers_total", "Connections closed because their client connected again.");
        evictedSessions = counter(registry, "evicted_sessions_total", "Sessions that made room for others.");
        willsIgnored = counter(registry, "wills_ignored_total", "Wills that clients left and nobody will get.");
        messages = counter(registry, "messages_total", "PUBLISH packets received.", "qos");
        bytes = counter(registry, "bytes_total", "Bytes of packets received.");
        answers = counter(
                registry,
                "settled_total",
                "Messages by what became of them: taken, lettered, refused, abandoned.",
                "outcome");
        repeated = counter(registry, "repeated_total", "QoS 2 messages that came again and were taken before.");
        paused = counter(registry, "paused_total", "Times a connection was not read from until the intake had room.");
        refusedSubscriptions = counter(
                registry,
                "refused_subscriptions_total",
                "Topic filters of SUBSCRIBE that are none of the client's command topics.");
        commands = counter(registry, "commands_total", "Commands sent to clients.");
        resent = counter(
                registry,
                "resent_commands_total",
                "Commands sent again, with DUP, to clients that came back without having acknowledged them.");
        unacknowledged = gauge(registry, "unacknowledged_commands", "Commands whose PUBACK has not come.");
        unacknowledgedBytes =
                gauge(registry, "unacknowledged_bytes", "Payloads of commands whose PUBACK has not come.");
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
