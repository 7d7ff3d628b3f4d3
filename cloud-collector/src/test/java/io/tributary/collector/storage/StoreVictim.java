package io.tributary.collector.storage;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process to be killed: appends, flushes, folds, lets expire and erases all at once, and says what was acknowledged.
 *
 * <pre>
 * A n   delivery n is durable
 * X n   the erasure of step n begins, E n it is durable
 * </pre>
 */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class StoreVictim {
    static final Origin ORIGIN = new Origin("agent", 1);
    static final int ROWS = 10;
    static final int CHANNELS = 2;
    static final int DEVICES = 5;
    private static final long SECOND = 1_000_000_000L;
    /** Steps between erasures. */
    static final int ERASE_EVERY = 25;

    private StoreVictim() {}

    public static void main(String[] args) throws Exception {
        AtomicLong step = new AtomicLong(Long.parseLong(args[1]));
        TimeSeriesEngine engine = open(Path.of(args[0]), step);
        background("flusher", engine::flush);
        background("lifecycle", ((RocksEngine) engine)::finishLifecycle);
        while (true) {
            long n = step.get();
            append(engine, n);
            say("A " + n);
            if (n % ERASE_EVERY == 0 && n > 0) {
                say("X " + n);
                engine.erasures().erase(erasure(n));
                say("E " + n);
            }
            step.incrementAndGet();
        }
    }

    static TimeSeriesEngine open(Path directory, AtomicLong step) throws IOException {
        return TimeSeriesEngine.open(
                directory, TestEngine.options(3, 2), LIFECYCLE, () -> now(step.get()), new PrometheusRegistry());
    }

    private static final LifecycleOptions LIFECYCLE = LifecycleOptions.NONE
            .retention(
                    Duration.ofMinutes(20),
                    List.of(new RetentionRule(Glob.ALL, new Glob("b"), Map.of(), Duration.ofMinutes(10))))
            .rollups(List.of(new RollupLevel(Duration.ofSeconds(10), null)));

    static Instant now(long step) {
        return Instant.ofEpochSecond(0, eventTime(step, ROWS));
    }

    static boolean isExpired(String channel, long event, long step) {
        long now = eventTime(step, ROWS);
        long keep = (channel.equals("b") ? 600 : 1200) * SECOND;
        return Math.floorDiv(event, 60 * SECOND) < Math.floorDiv(now - keep, 60 * SECOND);
    }

    static String device(long step) {
        return "d" + step % DEVICES;
    }

    /** Every third delivery is late; no two have an event time in common. */
    static long eventTime(long step, int row) {
        long late = step % 3 == 2 ? 155 * SECOND - SECOND / 2 : 0;
        return TestEngine.T0 + (step * ROWS + row) * SECOND - late;
    }

    static double value(long step, int row) {
        return step + row / 16.0;
    }

    /** What is erased at a step: all of one device, or a stretch of one channel of one, before it. */
    static ErasureRequest erasure(long step) {
        if (step / ERASE_EVERY % 3 == 2) {
            return new ErasureRequest(
                    device(step / ERASE_EVERY), List.of(), false, Long.MIN_VALUE, TestEngine.T0 + step * ROWS * SECOND);
        }
        long from = TestEngine.T0 + (step * ROWS - 300) * SECOND;
        return new ErasureRequest(device(step / ERASE_EVERY), List.of("a"), false, from, from + 150 * SECOND);
    }

    static long firstSequence(long step) {
        return step * ROWS * CHANNELS;
    }

    static void append(TimeSeriesEngine engine, long step) {
        BatchBuilder builder = new BatchBuilder();
        for (int row = 0; row < ROWS; row++) {
            long event = eventTime(step, row);
            builder.row(Device.of(device(step)), event, event)
                    .set("a", value(step, row))
                    .set("b", value(step, row));
        }
        Batch batch = builder.build();
        CompletableFuture<Long> done = new CompletableFuture<>();
        engine.writer()
                .append(
                        new Append(
                                ORIGIN,
                                firstSequence(step),
                                batch.readingCount(),
                                batch,
                                null,
                                BatchCodec.encode(batch),
                                List.of()),
                        new AppendCallback() {
                            @Override
                            public void durable(long collectorTimeNs) {
                                done.complete(collectorTimeNs);
                            }

                            @Override
                            public void failed(Throwable cause) {
                                done.completeExceptionally(cause);
                            }
                        });
        done.join();
    }

    private static void background(String name, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    while (true) {
                        work.run();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
