package io.tributary.agent.process;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/**
 * The account of edge processing: per source, what it handed in is what the outbox took, less aggregates, plus what was
 * suppressed; {@code windowed} ones are in open windows or in aggregates.
 */
final class ProcessMetrics {
    final Counter steps;
    final Counter suppressed;
    final Counter aggregates;
    final Counter lost;
    final Counter forgotten;
    private final PrometheusRegistry registry;

    ProcessMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        steps = counter(
                "tributary_agent_process_readings_total",
                "Readings that met a rule, by what its steps did to them; the number is the step's place in the order.",
                "rule",
                "step",
                "result");
        suppressed = counter(
                "tributary_agent_suppressed_readings_total",
                "Readings that a rule kept from the outbox; the device was told that they are taken.",
                "source",
                "cause");
        aggregates = counter(
                "tributary_agent_process_aggregates_total",
                "Readings that windows made and the outbox has, late ones that came too late for theirs included.",
                "source");
        lost = counter(
                "tributary_agent_process_lost_aggregates_total", "Aggregates that the outbox did not take.", "source");
        forgotten = counter(
                "tributary_agent_process_forgotten_series_total",
                "Series whose last value was forgotten to bound memory; the next reading of each passes.");
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    void gauges(LongSupplier series, LongSupplier openReadings, LongSupplier waiting) {
        gauge("tributary_agent_process_series", "Series of which a last value or window is kept.", series);
        gauge(
                "tributary_agent_process_window_readings",
                "Readings in open windows: suppressed, and in no aggregate yet.",
                openReadings);
        gauge("tributary_agent_process_waiting_readings", "Aggregates that wait for the outbox.", waiting);
    }

    private void gauge(String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call((double) value.getAsLong()))
                .register(registry);
    }
}
