package io.tributary.agent.source.exec;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all exec sources of an agent; the label tells them apart. */
final class ExecMetrics {
    private static final String PREFIX = "tributary_agent_exec_";

    final Gauge running;
    final Counter starts;
    final Counter ends;
    final Counter lines;
    final Counter errorLines;
    final Counter settled;

    ExecMetrics(PrometheusRegistry registry) {
        running = Gauge.builder()
                .name(PREFIX + "running")
                .help("1 while the command runs.")
                .labelNames("source")
                .register(registry);
        starts = counter(registry, "starts_total", "Times the command was started.");
        ends = counter(
                registry,
                "ends_total",
                "Runs by how they ended: ok (exit code 0), failed, timeout, not-started.",
                "result");
        lines = counter(registry, "lines_total", "Lines printed.");
        errorLines = counter(registry, "error_lines_total", "Lines printed to stderr; the first of a run is logged.");
        settled = counter(
                registry, "settled_total", "Lines by what became of them: taken, lettered, refused.", "outcome");
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
