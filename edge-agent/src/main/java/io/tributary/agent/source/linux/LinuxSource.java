package io.tributary.agent.source.linux;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageFeed;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.model.Device;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads each kind of sensor at its interval; one thread, {@code source-NAME}. */
final class LinuxSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    private static final byte[] NO_PAYLOAD = {};
    /** Some 500 polls; there is no other memory of them. */
    private static final long PENDING_BYTES_MAX = 64 << 10;

    private final LinuxConfig config;
    private final Device device;
    private final Intake intake;
    private final Clock clock;
    private final LinuxMetrics metrics;
    private final ArrivalStamps stamps;
    private @Nullable ScheduledExecutorService worker;

    // Of the worker.
    private final Set<String> told = new HashSet<>();

    LinuxSource(LinuxConfig config, Device device, Intake intake, Clock clock, LinuxMetrics metrics) {
        this.config = config;
        this.device = device;
        this.intake = intake;
        this.clock = clock;
        this.metrics = metrics;
        this.stamps = new ArrivalStamps(clock);
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public String endpoint() {
        return config.root().toString();
    }

    @Override
    public void start() {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "source-" + config.name());
            thread.setDaemon(true);
            return thread;
        });
        worker = executor;
        MessageFeeds feeds = new MessageFeeds(config.name(), config.durability(), intake, executor, PENDING_BYTES_MAX);
        MessageFeed feed = feeds.feed(() -> {});
        for (LinuxConfig.Sensor sensor : config.sensors()) {
            Probe probe = probe(sensor.sensor());
            var unused = executor.scheduleAtFixedRate(
                    () -> poll(sensor, probe, feeds, feed), 0, sensor.interval().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private Probe probe(LinuxConfig.Kind kind) {
        return switch (kind) {
            case THERMAL -> new ThermalProbe(config.root());
            case HWMON -> new HwmonProbe(config.root());
            case IIO -> new IioProbe(config.root());
            case ONE_WIRE -> new OneWireProbe(config.root());
            case LOAD -> new LoadProbe(config.root());
            case MEMORY -> new MemoryProbe(config.root());
            case DISK -> new DiskProbe(config.root());
        };
    }

    private void poll(LinuxConfig.Sensor sensor, Probe probe, MessageFeeds feeds, MessageFeed feed) {
        String kind = sensor.sensor().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (feeds.isFull()) {
            metrics.skippedPolls.labelValues(config.name(), kind).inc();
            return;
        }
        long began = clock.monotonicNs();
        Samples samples = new Samples(device, sensor.channels());
        try {
            probe.read(samples);
        } catch (RuntimeException e) {
            // The schedule would end with it, and the other sensors' readings with it.
            samples.failed("BUG: " + e);
            LOG.error("source {}: reading {} failed", config.name(), kind, e);
        }
        metrics.polls.labelValues(config.name(), kind).inc();
        metrics.pollSeconds.labelValues(config.name(), kind).set((clock.monotonicNs() - began) / 1e9);
        if (samples.failures() > 0) {
            metrics.failures.labelValues(config.name(), kind).inc(samples.failures());
            if (told.add(kind)) {
                LOG.warn(
                        "source {}: {}; further failures of {} are only counted",
                        config.name(),
                        samples.firstFailure(),
                        kind);
            }
        }
        var batch = samples.batch().build();
        if (batch.readingCount() > 0) {
            feed.add(
                    new MessageReader.Result(batch, "", ""),
                    NO_PAYLOAD,
                    stamps.next(),
                    false,
                    (outcome, cause, detail) -> metrics.settled
                            .labelValues(config.name(), outcome.name().toLowerCase(Locale.ROOT))
                            .inc());
            feed.submit();
        }
    }

    /** What was read is at the intake, or in the feed, which goes on for a bounded time. */
    @Override
    public void close() {
        ScheduledExecutorService executor = worker;
        if (executor == null) {
            return;
        }
        worker = null;
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            executor.shutdownNow();
        }
    }
}
