package io.tributary.agent;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.config.ByteSize;
import io.tributary.config.SafeFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent made the machine write to storage since it was installed: flash wears by it. Kept in a file that is written
 * once an hour at most, so that counting wears little; kill -9 and power loss take back what was counted since. Any thread.
 */
final class FlashUse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlashUse.class);
    private static final Path IO = Path.of("/proc/self/io");
    private static final String WRITTEN = "write_bytes: ";
    private static final long LOOK_NS = Duration.ofMinutes(1).toNanos();
    private static final long SAVE_NS = Duration.ofHours(1).toNanos();
    private static final long DAY_NS = Duration.ofDays(1).toNanos();

    private final Path file;
    private final LongSupplier process;
    private final LongSupplier monotonicNs;
    private final @Nullable ByteSize budget;
    private final long before;

    // Guarded by this.
    private long lookedNs;
    private long savedNs;
    private long savedBytes;
    private long dayNs;
    private long dayBytes;
    private boolean warned;

    /**
     * @param file where the count is kept
     * @param process what this process has written so far, {@link #ofProcess}
     * @param budget of 24 hours; null: none
     */
    FlashUse(Path file, LongSupplier process, LongSupplier monotonicNs, @Nullable ByteSize budget) {
        this.file = file;
        this.process = process;
        this.monotonicNs = monotonicNs;
        this.budget = budget;
        this.before = load(file);
        this.savedBytes = before;
        this.savedNs = monotonicNs.getAsLong();
        this.lookedNs = savedNs;
        this.dayNs = savedNs;
        this.dayBytes = before;
    }

    void register(PrometheusRegistry registry) {
        CounterWithCallback.builder()
                .name("tributary_agent_flash_written_bytes_total")
                .help("Bytes written to storage since the agent was installed.")
                .callback(callback -> callback.call(bytes()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_agent_flash_day_bytes")
                .help("Bytes written to storage in the present 24 hours, counted from the start.")
                .callback(callback -> callback.call(dayBytes()))
                .register(registry);
        ByteSize of = budget;
        if (of != null) {
            GaugeWithCallback.builder()
                    .name("tributary_agent_flash_budget_bytes")
                    .help("What outbox.flash-budget allows in 24 hours.")
                    .callback(callback -> callback.call(of.bytes()))
                    .register(registry);
        }
    }

    /** Since the start of the process, by Linux's count; 0 where there is none. */
    static long ofProcess() {
        try {
            for (String line : Files.readString(IO, StandardCharsets.US_ASCII).split("\n")) {
                if (line.startsWith(WRITTEN)) {
                    return Long.parseLong(line.substring(WRITTEN.length()).trim());
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0; // not Linux, or not allowed
        }
        return 0;
    }

    /** Since the installation. */
    long bytes() {
        return before + process.getAsLong();
    }

    private synchronized long dayBytes() {
        look(monotonicNs.getAsLong());
        return bytes() - dayBytes;
    }

    /** Cheap; to be called often. */
    synchronized void tick() {
        long now = monotonicNs.getAsLong();
        if (now - lookedNs >= LOOK_NS) {
            look(now);
        }
    }

    private void look(long now) {
        lookedNs = now;
        long bytes = bytes();
        if (now - savedNs >= SAVE_NS) {
            save(now, bytes);
        }
        if (now - dayNs >= DAY_NS) {
            dayNs = now;
            dayBytes = bytes;
            warned = false;
        }
        if (budget != null && !warned && bytes - dayBytes > budget.bytes()) {
            warned = true;
            LOG.warn(
                    "{} bytes were written to storage in {} h, more than outbox.flash-budget {} a day: a longer"
                            + " outbox.linger writes less",
                    bytes - dayBytes,
                    (now - dayNs) / 3_600_000_000_000L,
                    budget);
        }
    }

    private void save(long now, long bytes) {
        savedNs = now;
        if (bytes == savedBytes) {
            return;
        }
        try {
            SafeFiles.replace(file, bytes + "\n", "rw-r--r--");
            savedBytes = bytes;
        } catch (IOException e) {
            LOG.warn("{} cannot be written, the count of bytes written goes on in memory", file, e);
        }
    }

    private static long load(Path file) {
        try {
            return Files.exists(file)
                    ? Math.max(0, Long.parseLong(Files.readString(file).trim()))
                    : 0;
        } catch (IOException | NumberFormatException e) {
            LOG.warn("{} cannot be read, bytes written are counted from 0", file, e);
            return 0;
        }
    }

    @Override
    public synchronized void close() {
        save(monotonicNs.getAsLong(), bytes());
    }
}
