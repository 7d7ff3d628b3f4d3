package io.tributary.agent.outbox;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What the intake and the outbox tell of themselves. */
final class CommitMetrics {
    final Counter taken;
    final Counter refused;
    final Counter lost;
    final Counter letters;
    final Counter groups;
    final Counter batches;
    final Counter batchBytes;
    final Histogram commitSeconds;
    private final PrometheusRegistry registry;

    CommitMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        taken = Counter.builder()
                .name("tributary_agent_taken_readings_total")
                .help("Readings that are in the outbox, as durable as their source asks for.")
                .labelNames("source")
                .register(registry);
        refused = Counter.builder()
                .name("tributary_agent_refused_readings_total")
                .help("Readings that were not taken; the device was told.")
                .labelNames("source", "cause")
                .register(registry);
        lost = Counter.builder()
                .name("tributary_agent_lost_readings_total")
                .help(
                        "Readings of sources with durability memory that were acknowledged and then could not be written.")
                .labelNames("source", "cause")
                .register(registry);
        letters = Counter.builder()
                .name("tributary_agent_dead_letters_total")
                .help("Messages that could not be understood and were kept with their cause.")
                .labelNames("source", "cause")
                .register(registry);
        groups = Counter.builder()
                .name("tributary_agent_commit_groups_total")
                .help("Groups of readings that were made durable together.")
                .register(registry);
        batches = Counter.builder()
                .name("tributary_agent_outbox_batches_total")
                .help("Batches written to the outbox.")
                .register(registry);
        batchBytes = Counter.builder()
                .name("tributary_agent_outbox_batch_bytes_total")
                .help("Encoded bytes of the batches written to the outbox.")
                .register(registry);
        commitSeconds = Histogram.builder()
                .name("tributary_agent_commit_seconds")
                .help("Time to encode, write and sync a group.")
                .classicUpperBounds(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
                .register(registry);
    }

    void queue(LongSupplier bytes, long budget) {
        gauge("tributary_agent_queue_bytes", "Readings in memory that wait for their group's sync.", bytes);
        gauge("tributary_agent_queue_budget_bytes", "At most this; outbox.queue.", () -> budget);
    }

    void letterQueue(LongSupplier bytes) {
        gauge("tributary_agent_dead_letters_waiting_bytes", "Dead letters in memory that wait for their sync.", bytes);
    }

    void outbox(Supplier<OutboxStats> stats, long budget) {
        gauge(
                "tributary_agent_outbox_readings",
                "Readings in the outbox.",
                () -> stats.get().queuedReadings());
        gauge(
                "tributary_agent_outbox_bytes",
                "Bytes of batches in the outbox.",
                () -> stats.get().queuedBytes());
        gauge(
                "tributary_agent_outbox_budget_bytes",
                "At most this for all files of the outbox; outbox.max-bytes.",
                () -> budget);
        gauge(
                "tributary_agent_outbox_disk_bytes",
                "All files of the outbox.",
                () -> stats.get().diskBytes());
        gauge(
                "tributary_agent_next_sequence",
                "Readings that got a sequence in this epoch.",
                () -> stats.get().nextSequence());
        gauge("tributary_agent_epoch", "The outbox's epoch.", () -> stats.get().epoch());
        GaugeWithCallback.builder()
                .name("tributary_agent_evicted_readings")
                .help("Readings that went without being sent, since the outbox was made.")
                .labelNames("cause")
                .callback(gauge -> {
                    Evictions evictions = stats.get().evictions();
                    gauge.call(evictions.full(), RocksOutbox.CAUSE_FULL);
                    gauge.call(evictions.age(), RocksOutbox.CAUSE_AGE);
                    gauge.call(evictions.thinned(), RocksOutbox.CAUSE_THINNED);
                    gauge.call(evictions.damaged(), RocksOutbox.CAUSE_DAMAGED);
                })
                .register(registry);
        gauge(
                "tributary_agent_summary_readings",
                "Readings that stand for thinned ones, since the outbox was made.",
                () -> stats.get().evictions().summaries());
        gauge(
                "tributary_agent_dead_letters_held",
                "Dead letters in the outbox.",
                () -> stats.get().deadLetters());
    }

    private void gauge(String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.getAsLong()))
                .register(registry);
    }
}
