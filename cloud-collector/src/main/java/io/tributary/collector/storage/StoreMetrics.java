package io.tributary.collector.storage;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** The metrics of the engine; README.md lists them. Any thread. */
final class StoreMetrics {
    private static final String PREFIX = "tributary_collector_storage_";

    private final PrometheusRegistry registry;
    private final List<Collector> registered = new ArrayList<>();
    private final Counter appended;
    private final Counter redelivered;
    private final Counter stored;
    private final Counter duplicate;
    private final Counter replaced;
    private final Counter groups;
    private final Counter failedGroups;
    private final Counter logBytes;
    private final Counter acceptedBytes;
    private final Histogram commitSeconds;
    private final Counter flushes;
    private final Counter chunkBytes;
    private final Counter folds;
    private final Counter foldedFragments;
    private final Counter foldBytes;
    private final Counter rewrittenBytes;
    private final Counter rollups;
    private final Counter expired;
    private final Counter erased;
    private volatile double recoverySeconds;

    StoreMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        appended = counter("appended_readings_total", "Readings written to the log.");
        redelivered = counter("redelivered_readings_total", "Readings that arrived again and were left out.");
        stored = counter("stored_readings_total", "Readings that flushes added to what a query finds.");
        duplicate = counter("duplicate_readings_total", "Readings equal to a stored one, counted by flushes.");
        replaced = counter("replaced_readings_total", "Readings that lost against another value, counted by flushes.");
        groups = counter("commit_groups_total", "Writes to the log, each with one fsync.");
        failedGroups = counter("failed_commit_groups_total", "Writes to the log that failed.");
        logBytes = counter("appended_log_bytes_total", "Bytes of log records written.");
        acceptedBytes =
                counter("accepted_batch_bytes_total", "Bytes of the batches in log records, as agents sent them.");
        commitSeconds = Histogram.builder()
                .name(PREFIX + "commit_seconds")
                .help("A write to the log with its fsync.")
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicUpperBounds(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
                .build();
        add(commitSeconds);
        flushes = counter("flushes_total", "Heads turned into chunks.");
        chunkBytes = counter("chunk_bytes_total", "Bytes of chunks written by flushes.");
        folds = counter("folds_total", "Sets of fragments merged.");
        foldedFragments = counter("folded_fragments_total", "Fragments that went into them.");
        foldBytes = counter("fold_bytes_total", "Bytes of chunks written by folds.");
        rewrittenBytes =
                counter("rewritten_chunk_bytes_total", "Bytes of chunks written to take readings out of them.");
        expired = counter("expired_readings_total", "Readings taken out by retention.");
        erased = counter("erased_readings_total", "Readings taken out by erasures.");
        rollups = counter("rollups_total", "Times that rollups of a device were computed.");
        gauge("recovery_seconds", "How long the last start took to rebuild the heads.", () -> recoverySeconds);
    }

    /** Gauges that ask the engine. */
    void watch(EngineParts parts, Committer committer) {
        EngineOptions options = parts.options();
        gauge("queue_bytes", "Appends that wait for the committer.", committer::queuedBytes);
        gauge("queue_budget_bytes", "What they may take.", options::queueBytes);
        gauge("head_bytes", "Heads, active and flushing.", parts.backlog()::headBytes);
        gauge("head_budget_bytes", "What they may take; appends wait beyond it.", options::headBytes);
        gauge("chunk_cache_bytes", "Opened chunks kept for queries.", parts.cache()::bytes);
        gauge("chunk_cache_budget_bytes", "What they may take.", options::chunkCacheBytes);
        gauge("summary_cache_bytes", "Latest readings and statistics kept for queries.", parts.summaries()::bytes);
        gauge("summary_cache_budget_bytes", "What they may take.", options::summaryCacheBytes);
        gauge(
                "unflushed_log_bytes",
                "Log from the oldest record that is in no chunk.",
                parts.backlog()::heldBackLogBytes);
        gauge("log_bytes", "Segments of the log.", () -> parts.log().bytes());
        gauge(
                "replay_log_bytes",
                "Log that a start would read now.",
                () -> Math.max(0, parts.log().end() - parts.checkpoint().durable()));
        WrittenBytes written = new WrittenBytes(parts.store(), parts.leases(), logBytes::getLongValue);
        add(CounterWithCallback.builder()
                .name(PREFIX + "written_bytes_total")
                .help("Bytes written to disk, by what wrote them.")
                .labelNames("by")
                .callback(each -> written.byPart().forEach((part, bytes) -> each.call(bytes, part)))
                .build());
        gauge(
                "write_amplification",
                "Bytes written to disk per byte of accepted batches, since the start.",
                () -> acceptedBytes.getLongValue() == 0 ? 0 : (double) written.sum() / acceptedBytes.getLongValue());
        gauge("rollup_bytes", "Rollups on disk and in memtables.", () -> parts.size(parts.store().rollup));
        gauge("chunk_store_bytes", "Chunks on disk and in memtables.", () -> parts.size(parts.store().chunk));
        gauge("devices", "Devices known.", () -> {
            long devices = 0;
            for (Partition partition : parts.partitions()) {
                devices += partition.devices();
            }
            return devices;
        });
        gauge(
                "pending_erasures",
                "Erasures whose readings are hidden, and still in chunks.",
                () -> parts.lifecycle().erasures().view().every().stream()
                        .filter(Erasure::isPending)
                        .count());
        GaugeWithCallback damaged = GaugeWithCallback.builder()
                .name("tributary_collector_storage_damaged_files")
                .help("Files of the database that cannot be read.")
                .labelNames("file")
                .callback(each -> parts.store().damaged().found().keySet().forEach(file -> each.call(1, file)))
                .build();
        add(damaged);
        gauge("dead_letter_bytes", "Dead letters held.", parts.deadLetters()::heldBytes);
        gauge("dropped_dead_letters", "Dead letters that went for later ones, ever.", parts.deadLetters()::dropped);
        GaugeWithCallback letters = GaugeWithCallback.builder()
                .name("tributary_collector_dead_letters")
                .help("Dead letters held, by cause.")
                .labelNames("cause")
                .callback(each -> parts.deadLetters().countByCause().forEach((cause, count) -> each.call(count, cause)))
                .build();
        add(letters);
    }

    /**
     * A group became durable.
     *
     * @param again readings that had been written before
     * @param bytes of the log records
     * @param batches bytes of the batches in them
     */
    void committed(long readings, long again, long bytes, long batches, double seconds) {
        groups.inc();
        appended.inc(readings);
        redelivered.inc(again);
        logBytes.inc(bytes);
        acceptedBytes.inc(batches);
        commitSeconds.observe(seconds);
    }

    void commitFailed() {
        failedGroups.inc();
    }

    void flushed(Settlement.Counts counts, long bytes) {
        flushes.inc();
        stored.inc(Math.max(0, counts.stored()));
        duplicate.inc(counts.duplicate());
        replaced.inc(counts.replaced());
        expired.inc(counts.expired());
        chunkBytes.inc(bytes);
    }

    void folded(int fragments, long bytes) {
        folds.inc();
        foldedFragments.inc(fragments);
        foldBytes.inc(bytes);
    }

    void rolledUp() {
        rollups.inc();
    }

    void rewritten(long bytes) {
        rewrittenBytes.inc(bytes);
    }

    void expired(long readings) {
        expired.inc(readings);
    }

    void erased(long readings) {
        erased.inc(readings);
    }

    void recovered(double seconds) {
        recoverySeconds = seconds;
    }

    /** Takes everything out of the registry, so that the engine can be opened again in this process. */
    void close() {
        registered.forEach(registry::unregister);
        registered.clear();
    }

    private Counter counter(String name, String help) {
        Counter counter = Counter.builder().name(PREFIX + name).help(help).build();
        add(counter);
        return counter;
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        add(GaugeWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .callback(each -> each.call(value.getAsDouble()))
                .build());
    }

    private void add(Collector collector) {
        registry.register(collector);
        registered.add(collector);
    }
}
