package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColdFolderTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private long sequence;

    @Test
    void fragmentsOfAPastBucket_becomeOneWhenNothingArrivesForIt() throws IOException {
        AtomicLong now = new AtomicLong(T0 / SECOND);
        // Buckets of a minute, and so many fragments that nothing else folds.
        try (TestEngine engine =
                new TestEngine(directory, TestEngine.options(2, 1000), () -> Instant.ofEpochSecond(now.get()))) {
            for (int i = 0; i < 5; i++) {
                deliver(engine, "a", i * 5, 5);
                deliver(engine, "b", i * 5, 5);
                engine.engine.flush();
            }
            assertThat(blocks(engine, "a")).isGreaterThan(1);
            now.addAndGet(2 * 3600);
            await().until(() -> blocks(engine, "a") == 1 && blocks(engine, "b") == 1);
            assertThat(engine.series("a", "t")).hasSize(25);

            // What comes late is folded in once it is quiet again; of two values for a time the later one is there.
            deliver(engine, "a", 20, 10);
            engine.engine.flush();
            assertThat(engine.series("a", "t")).hasSize(30);
            now.addAndGet(2 * 3600);
            await().until(() -> blocks(engine, "a") == 1);
            assertThat(engine.series("a", "t")).hasSize(30);
        }
    }

    @Test
    void largeFragmentsThatOverlapNothing_stayAsTheyAre() throws IOException {
        AtomicLong now = new AtomicLong(T0 / SECOND);
        try (TestEngine engine =
                new TestEngine(directory, TestEngine.options(2, 2), () -> Instant.ofEpochSecond(now.get()))) {
            for (int i = 0; i < 3; i++) {
                deliverNoise(engine, i * 10, 1500);
                engine.engine.flush();
            }
            for (int i = 0; i < 3; i++) {
                deliver(engine, "noise", 40 + i, 1);
                engine.engine.flush();
            }
            now.addAndGet(2 * 3600);
            await().until(() -> blocks(engine, "noise") == 4);
            engine.finishFolds();
            assertThat(blocks(engine, "noise")).isEqualTo(4);
            assertThat(engine.series("noise", "t")).hasSize(4503);

            deliver(engine, "noise", 3, 10); // reaches into two of them: 3 to 7 s, and 10 to 12
            engine.engine.flush();
            now.addAndGet(2 * 3600);
            await().until(() -> blocks(engine, "noise") == 3);
            assertThat(engine.series("noise", "t")).hasSize(4503 + 2);
        }
    }

    /** Five milliseconds from row to row. */
    private void deliverNoise(TestEngine engine, int from, int rows) {
        BatchBuilder builder = new BatchBuilder();
        Random random = new Random(from);
        for (int row = 0; row < rows; row++) {
            long event = T0 / (60 * SECOND) * 60 * SECOND + from * SECOND + row * (SECOND / 200);
            builder.row(Device.of("noise"), event, T0).set("t", random.nextDouble());
        }
        sequence += rows;
        engine.append("agent", 1, sequence - rows, builder.build());
    }

    /** One fragment, which nothing is to be merged with, is packed all the same; once. */
    @Test
    void textsOfAPastBucket_arePacked() throws IOException {
        AtomicLong now = new AtomicLong(T0 / SECOND);
        try (TestEngine engine =
                new TestEngine(directory, TestEngine.options(2, 1000), () -> Instant.ofEpochSecond(now.get()))) {
            BatchBuilder builder = new BatchBuilder();
            TreeMap<Long, Object> expected = new TreeMap<>();
            for (int row = 0; row < 50; row++) {
                long event = T0 / (60 * SECOND) * 60 * SECOND + row * SECOND;
                String text = "pump " + row * 7919 % 1000 + " stopped: there was no flow for " + row + " seconds";
                builder.row(Device.of("p"), event, T0).set("line", text);
                expected.put(event, text);
            }
            engine.append("agent", 1, 0, builder.build());
            engine.engine.flush();
            double plain = counter(engine, "chunk_bytes");
            now.addAndGet(2 * 3600);
            await().until(() -> counter(engine, "folds") == 1);
            assertThat(counter(engine, "fold_bytes")).isLessThan(plain / 2);
            assertThat(engine.series("p", "line")).isEqualTo(expected);
        }
        try (TestEngine engine = new TestEngine(
                directory, TestEngine.options(2, 1000), () -> Instant.ofEpochSecond(now.addAndGet(3600)))) {
            engine.finishFolds();
            assertThat(engine.series("p", "line")).hasSize(50);
            assertThat(counter(engine, "folds")).isZero();
        }
    }

    private static double counter(TestEngine engine, String name) {
        for (MetricSnapshot snapshot : engine.metrics.scrape()) {
            if (snapshot.getMetadata().getName().equals("tributary_collector_storage_" + name)) {
                return ((CounterSnapshot) snapshot).getDataPoints().get(0).getValue();
            }
        }
        throw new AssertionError("no metric " + name);
    }

    private void deliver(TestEngine engine, String device, int from, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int row = from; row < from + rows; row++) {
            builder.row(Device.of(device), T0 / (60 * SECOND) * 60 * SECOND + row * SECOND, T0)
                    .set("t", row / 2.0);
        }
        sequence += rows;
        engine.append("agent", 1, sequence - rows, builder.build());
    }

    private static int blocks(TestEngine engine, String device) {
        int blocks = 0;
        try (BlockCursor cursor =
                engine.engine.reader().read(device, Set.of("t"), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            while (cursor.next() != null) {
                blocks++;
            }
        }
        return blocks;
    }
}
