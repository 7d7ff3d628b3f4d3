package io.tributary.agent.source.udp;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all UDP sources of an agent; the label tells them apart. */
final class UdpMetrics {
    private static final String PREFIX = "tributary_agent_udp_";

    final Counter datagrams;
    final Counter bytes;
    final Counter malformed;
    final Counter droppedReadings;
    final Counter droppedLetters;
    final Counter kernelDrops;
    final Gauge pendingBytes;

    UdpMetrics(PrometheusRegistry registry) {
        datagrams = counter(registry, "datagrams_total", "Datagrams received.");
        bytes = counter(registry, "bytes_total", "Bytes received.");
        malformed = counter(registry, "malformed_total", "Lines or datagrams not understood.");
        droppedReadings = counter(
                registry,
                "dropped_readings_total",
                "Readings that the outbox had no room for, by the intake's cause.",
                "cause");
        droppedLetters = counter(
                registry, "dropped_dead_letters_total", "Messages not understood that could not be kept either.");
        kernelDrops = counter(
                registry,
                "kernel_drops_total",
                "Datagrams that the system dropped because the receive buffer was full; where it tells.");
        pendingBytes = Gauge.builder()
                .name(PREFIX + "pending_bytes")
                .help("Datagrams that wait for the outbox.")
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
