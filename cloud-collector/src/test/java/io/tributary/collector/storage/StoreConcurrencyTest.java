package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appends, reads, accounts, flushes and folds at the same time: every reader sees one moment that ever was. */
class StoreConcurrencyTest {
    private static final int DELIVERIES = 150;
    private static final int ROWS = 40;

    @TempDir
    Path directory;

    @Test
    void readers_seeEveryAcknowledgedReadingOnceWhileTheStoreWorks()
            throws IOException, InterruptedException, ExecutionException {
        EngineOptions options = new EngineOptions(
                3,
                Duration.ofSeconds(30),
                1 << 20,
                Duration.ofSeconds(60),
                64 << 10,
                1 << 20,
                Duration.ofDays(1),
                1 << 20,
                2 << 20,
                1 << 20,
                1 << 20,
                1 << 20,
                2,
                2);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (TestEngine engine = new TestEngine(directory, options)) {
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> writers = new ArrayList<>();
            List<Future<?>> others = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = "d" + i;
                AtomicLong acknowledged = new AtomicLong();
                writers.add(threads.submit(writer(engine, name, acknowledged)));
                others.add(threads.submit(reader(engine, name, acknowledged, done)));
            }
            others.add(threads.submit(() -> {
                while (!done.get()) {
                    engine.engine.flush();
                }
                return null;
            }));
            others.add(threads.submit(auditor(engine, done)));
            for (Future<?> writer : writers) {
                writer.get();
            }
            done.set(true);
            for (Future<?> other : others) {
                other.get();
            }
            for (int i = 0; i < 2; i++) {
                assertThat(engine.series("d" + i, "v")).hasSize(DELIVERIES * ROWS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Row n of a device has event time n and value n; every delivery also repeats the last row of the one before. */
    private static Callable<Void> writer(TestEngine engine, String device, AtomicLong acknowledged) {
        return () -> {
            long sequence = 0;
            for (int delivery = 0; delivery < DELIVERIES; delivery++) {
                BatchBuilder builder = new BatchBuilder();
                int from = delivery * ROWS;
                for (int row = Math.max(0, from - 1); row < from + ROWS; row++) {
                    long event = T0 + row * 10_000_000L;
                    builder.row(Device.of(device), event, event)
                            .set("v", (long) row)
                            .set("w", row % 7 == 0);
                }
                Batch batch = builder.build();
                engine.append("agent-" + device, 1, sequence, batch);
                sequence += batch.readingCount();
                acknowledged.set(from + ROWS);
            }
            return null;
        };
    }

    private static Callable<Void> reader(
            TestEngine engine, String device, AtomicLong acknowledged, AtomicBoolean done) {
        return () -> {
            boolean ascending = true;
            while (!done.get()) {
                long atLeast = acknowledged.get();
                List<Long> values = new ArrayList<>();
                try (BlockCursor cursor =
                        engine.engine.reader().read(device, Set.of("v"), Long.MIN_VALUE, Long.MAX_VALUE, ascending)) {
                    for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                        SeriesSlice slice = block.slice(0);
                        List<Long> of = new ArrayList<>();
                        for (int row = 0; row < slice.size(); row++) {
                            of.add(slice.values().longs()[row]);
                        }
                        values.addAll(ascending ? values.size() : 0, of);
                    }
                }
                assertThat((long) values.size()).isGreaterThanOrEqualTo(atLeast);
                for (int i = 0; i < values.size(); i++) {
                    assertThat(values.get(i)).isEqualTo(i);
                }
                if (atLeast > 0) {
                    assertThat(engine.engine.reader().latest(device, null)).hasSize(2);
                    assertThat(engine.engine.catalog().device(device)).isNotNull();
                }
                ascending = !ascending;
            }
            return null;
        };
    }

    private static Callable<Void> auditor(TestEngine engine, AtomicBoolean done) {
        return () -> {
            while (!done.get()) {
                for (Origin origin : engine.engine.accounts().origins()) {
                    OriginAccount account = engine.engine.accounts().account(origin);
                    assertThat(account.receivedReadings())
                            .isEqualTo(account.stored() + account.duplicate() + account.replaced());
                    assertThat(account.replaced()).isZero();
                }
            }
            return null;
        };
    }
}
