package io.tributary.agent.source.file;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all file sources of an agent; the label tells them apart. */
final class FileMetrics {
    private static final String PREFIX = "tributary_agent_file_";

    final Counter lines;
    final Counter malformed;
    final Counter rotations;
    final Counter truncations;
    final Counter lostFiles;
    final Counter failures;
    final Gauge behindBytes;

    FileMetrics(PrometheusRegistry registry) {
        lines = counter(registry, "lines_total", "Lines taken, bad ones included.");
        malformed = counter(registry, "malformed_total", "Of them not understood.");
        rotations = counter(
                registry, "rotations_total", "Times another file took the path; the old one is read to its end.");
        truncations = counter(registry, "truncations_total", "Times the file became shorter than what was read of it.");
        lostFiles = counter(
                registry,
                "lost_files_total",
                "Times a file was gone when the agent came back, with lines in it that may not have been read.");
        failures =
                counter(registry, "failures_total", "Times the file, or the position, could not be read or written.");
        behindBytes = Gauge.builder()
                .name(PREFIX + "behind_bytes")
                .help("Bytes of the file that are not taken yet.")
                .labelNames("source")
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames("source")
                .register(registry);
    }
}
