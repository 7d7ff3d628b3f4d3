package io.tributary.agent.source.linux;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all Linux sources of an agent; the label tells them apart. */
final class LinuxMetrics {
    private static final String PREFIX = "tributary_agent_linux_";

    final Counter polls;
    final Counter skippedPolls;
    final Counter failures;
    final Counter settled;
    final Gauge pollSeconds;

    LinuxMetrics(PrometheusRegistry registry) {
        polls = counter(registry, "polls_total", "Times a kind of sensor was read.", "sensor");
        skippedPolls = counter(
                registry,
                "skipped_polls_total",
                "Times it was not, as the outbox had no room for those before.",
                "sensor");
        failures =
                counter(registry, "failures_total", "Files that could not be read, or had no value in them.", "sensor");
        settled = counter(
                registry, "settled_total", "Polls by what became of them: taken, lettered, refused.", "outcome");
        pollSeconds = Gauge.builder()
                .name(PREFIX + "poll_seconds")
                .help("How long the last poll took.")
                .labelNames("source", "sensor")
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String label) {
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames("source", label)
                .register(registry);
    }
}
