package io.tributary.collector.ingest.mqtt;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/** What the MQTT endpoint tells of itself. */
final class MqttIngestMetrics {
    final Gauge connected;
    final Counter connects;
    final Counter connectFailures;
    final Counter lostConnections;
    final Counter resubscribes;
    final Counter messages;
    final Counter bytes;
    final Counter refused;
    final Counter sessions;
    final Counter answers;
    final Counter answersDropped;

    MqttIngestMetrics(PrometheusRegistry registry) {
        connected = Gauge.builder()
                .name("tributary_collector_mqtt_connected")
                .help("Connections to the broker that are up and subscribed.")
                .register(registry);
        connects = counter(registry, "connects_total", "Connections made to the broker.");
        connectFailures = counter(registry, "connect_failures_total", "Attempts to connect or subscribe that failed.");
        lostConnections = counter(registry, "lost_connections_total", "Connections that ended by themselves.");
        resubscribes = counter(registry, "resubscribes_total", "Subscriptions made again after a second of silence.");
        messages = counter(registry, "messages_total", "Messages of agents.");
        bytes = counter(registry, "bytes_total", "Their payloads.");
        refused = Counter.builder()
                .name("tributary_collector_mqtt_refused_total")
                .help("Messages of agents that were not handed on, by cause.")
                .labelNames("cause")
                .register(registry);
        sessions = Counter.builder()
                .name("tributary_collector_mqtt_sessions_total")
                .help("Sessions of agents, by what they began with here: hello, or joined in the middle.")
                .labelNames("began")
                .register(registry);
        answers = counter(registry, "answers_total", "Messages to agents.");
        answersDropped = counter(
                registry,
                "answers_dropped_total",
                "Messages to agents for which there was no connection to the broker.");
    }

    void watch(PrometheusRegistry registry, LongSupplier waitingBytes) {
        GaugeWithCallback.builder()
                .name("tributary_collector_mqtt_waiting_bytes")
                .help("Messages of agents that wait to be handed on.")
                .callback(gauge -> gauge.call(waitingBytes.getAsLong()))
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder()
                .name("tributary_collector_mqtt_" + name)
                .help(help)
                .register(registry);
    }
}
