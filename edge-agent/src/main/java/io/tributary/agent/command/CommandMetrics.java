package io.tributary.agent.command;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the desk tells of itself. */
final class CommandMetrics {
    final Counter finished;
    final Gauge waiting;
    final Gauge remembered;

    CommandMetrics(PrometheusRegistry registry) {
        finished = Counter.builder()
                .name("tributary_agent_commands_total")
                .help("Commands from the collector that ended, by outcome.")
                .labelNames("outcome")
                .register(registry);
        waiting = Gauge.builder()
                .name("tributary_agent_commands_waiting")
                .help("Commands that wait for their device, or for its answer.")
                .register(registry);
        remembered = Gauge.builder()
                .name("tributary_agent_commands_remembered")
                .help("Commands that would not be carried out again.")
                .register(registry);
        for (Outcome each : Outcome.values()) {
            finished.initLabelValues(each.word());
        }
    }
}
