package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine takes of memory and disk, and what it does in the background. */
class StoreBoundsTest {
    private static final Origin ORIGIN = new Origin("agent", 1);

    @TempDir
    Path directory;

    private static double metric(TestEngine engine, String name) {
        for (MetricSnapshot snapshot : engine.metrics.scrape()) {
            if (snapshot.getMetadata().getName().equals("tributary_collector_storage_" + name)) {
                DataPointSnapshot point = snapshot.getDataPoints().get(0);
                return point instanceof CounterDataPointSnapshot counter
                        ? counter.getValue()
                        : ((GaugeDataPointSnapshot) point).getValue();
            }
        }
        throw new AssertionError("no metric " + name);
    }

    private static Batch noise(Random random, long from, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (from + i) * 1_000_000L;
            builder.row(Device.of("d" + random.nextInt(3)), event, event)
                    .set("a", random.nextDouble())
                    .set("b", random.nextLong());
        }
        return builder.build();
    }

    private static EngineOptions tight(Duration headAge) {
        return new EngineOptions(
                2,
                Duration.ofDays(1),
                1 << 20,
                Duration.ofSeconds(60),
                256 << 10,
                1 << 20,
                headAge,
                1 << 20,
                2 << 20,
                1 << 20,
                1 << 20,
                64 << 10,
                2,
                3);
    }

    @Test
    void moreThanEveryBudget_flowsThroughAndIsBounded() throws IOException {
        Random random = new Random(7);
        long sequence = 0;
        long highest = 0;
        try (TestEngine engine = new TestEngine(directory, tight(Duration.ofDays(1)))) {
            for (int i = 0; i < 300; i++) {
                Batch batch = noise(random, i * 1000L, 1000);
                engine.append("agent", 1, sequence, batch);
                sequence += batch.readingCount();
                highest = Math.max(highest, (long) metric(engine, "head_bytes"));
            }
            assertThat(highest).isLessThan(2 << 20); // the budget and the group that exceeded it
            assertThat(metric(engine, "flushes")).isGreaterThan(3);
            await().until(() -> metric(engine, "log_bytes") < 6 << 20);
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.stored()).isEqualTo(sequence);
        }
        try (TestEngine engine = new TestEngine(directory, tight(Duration.ofDays(1)))) {
            assertThat(engine.engine.accounts().account(ORIGIN).stored()).isEqualTo(sequence);
            int found = 0;
            for (int i = 0; i < 3; i++) {
                found += engine.series("d" + i, "a").size()
                        + engine.series("d" + i, "b").size();
            }
            assertThat(found).isEqualTo((int) sequence);
        }
    }

    @Test
    void oldHeads_areFlushedByTheClock() throws IOException {
        AtomicLong now = new AtomicLong(T0 / 1_000_000_000L);
        try (TestEngine engine =
                new TestEngine(directory, tight(Duration.ofMinutes(1)), () -> Instant.ofEpochSecond(now.get()))) {
            engine.append("agent", 1, 0, noise(new Random(1), 0, 10));
            assertThat(metric(engine, "head_bytes")).isPositive();
            now.addAndGet(61);
            await().until(() -> metric(engine, "head_bytes") == 0);
        }
    }

    @Test
    void fragments_areFoldedAndTellStatistics() throws IOException {
        AtomicLong now = new AtomicLong(T0 / 1_000_000_000L);
        try (TestEngine engine = new TestEngine(directory, SMALL, () -> Instant.ofEpochSecond(now.get()))) {
            long sequence = 0;
            for (int i = 0; i < 9; i++) {
                BatchBuilder builder = new BatchBuilder();
                for (int k = 0; k < 5; k++) { // in turns: ahead, and late between the others
                    long event = T0 + (i % 3 * 5 + k * 3 + i / 3) * 1_000_000L;
                    builder.row(Device.of("d"), event, event).set("t", (double) i);
                }
                Batch batch = builder.build();
                engine.append("agent", 1, sequence, batch);
                sequence += batch.readingCount();
                engine.engine.flush();
            }
            TreeMap<Long, Object> before = engine.series("d", "t");
            now.addAndGet(61); // late rows wait for others so long
            await().until(() -> metric(engine, "folds") > 0 && blocks(engine) <= SMALL.foldFragments());
            assertThat(engine.series("d", "t")).isEqualTo(before);
            try (BlockCursor cursor =
                    engine.engine.reader().read("d", java.util.Set.of("t"), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
                DeviceBlock block = cursor.next();
                assertThat(block).isNotNull();
                if (block != null) {
                    assertThat(block.stats(0)).isNotNull();
                }
            }
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.stored()).isEqualTo(before.size());
            assertThat(account.stored() + account.duplicate() + account.replaced())
                    .isEqualTo(45);
        }
    }

    @Test
    void recovery_keepsToTheBudgetOfHeads() throws IOException {
        Path copy = directory.resolve("copy");
        Path store = directory.resolve("store");
        Random random = new Random(3);
        long sequence = 0;
        try (TestEngine engine = new TestEngine(store, SMALL)) {
            for (int i = 0; i < 60; i++) {
                Batch batch = noise(random, i * 1000L, 1000);
                engine.append("agent", 1, sequence, batch);
                sequence += batch.readingCount();
            }
            assertThat(metric(engine, "head_bytes")).isGreaterThan(2 << 20);
            TestEngine.copy(store, copy);
        }
        EngineOptions smaller = new EngineOptions(
                SMALL.partitions(),
                SMALL.bucket(),
                1 << 20,
                Duration.ofSeconds(60),
                64 << 10,
                1 << 20,
                Duration.ofDays(1),
                4 << 20,
                16 << 20,
                4 << 20,
                4 << 20,
                1 << 20,
                1,
                3);
        try (TestEngine engine = new TestEngine(copy, smaller)) {
            assertThat(metric(engine, "flushes")).isPositive();
            assertThat(metric(engine, "head_bytes")).isLessThan(2 << 20);
            assertThat(engine.engine.accounts().account(ORIGIN).stored()).isEqualTo(sequence);
        }
    }

    private static int blocks(TestEngine engine) {
        int blocks = 0;
        try (BlockCursor cursor =
                engine.engine.reader().read("d", java.util.Set.of("t"), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                blocks += block instanceof ChunkBlock ? 1 : 1000;
            }
        }
        return blocks;
    }

    @Test
    void deadLetters_areBoundedAndTheOldestGoFirst() throws IOException {
        long held;
        try (TestEngine engine = new TestEngine(directory, tight(Duration.ofDays(1)))) {
            for (int i = 0; i < 100; i++) {
                RejectedRows rows = new RejectedRows(
                        new SequenceRange(i, 1), 1, i % 2 == 0 ? "even" : "odd", "of " + i, new byte[2000]);
                engine.appendRejected("agent", 1, i, new Batch(List.of(), List.of(), List.of()), new long[0][], rows);
            }
            List<DeadLetter> letters = engine.engine.deadLetters().list(null, 1000, -1);
            held = letters.size();
            assertThat(held).isBetween(20L, 32L);
            assertThat(letters.get(letters.size() - 1).detail()).isEqualTo("of 99");
            assertThat(metric(engine, "dropped_dead_letters")).isEqualTo(100 - held);
            assertThat(engine.engine.accounts().account(ORIGIN).rejected()).isEqualTo(Map.of("even", 50L, "odd", 50L));
            DeadLetter last = letters.get(letters.size() - 1);
            assertThat(engine.engine.deadLetters().remove(last.id())).isTrue();
            assertThat(engine.engine.deadLetters().remove(last.id())).isFalse();
            assertThat(engine.engine.deadLetters().get(last.id())).isNull();
            assertThat(engine.engine.deadLetters().list("even", 1000, -1))
                    .allMatch(l -> l.cause().equals("even"));
            assertThat(engine.engine.deadLetters().list(null, 2, letters.get(3).id()))
                    .extracting(DeadLetter::id)
                    .containsExactly(letters.get(4).id(), letters.get(5).id());
        }
        try (TestEngine engine = new TestEngine(directory, tight(Duration.ofDays(1)))) {
            assertThat(engine.engine.deadLetters().countByCause().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(held - 1);
            assertThat(metric(engine, "dropped_dead_letters")).isEqualTo(100 - held);
        }
    }

    @Test
    void deadLetters_surviveAKill_removedOnesStayAway() throws IOException {
        Path copy = directory.resolve("copy");
        Path store = directory.resolve("store");
        try (TestEngine engine = new TestEngine(store, SMALL)) {
            for (int i = 0; i < 3; i++) {
                RejectedRows rows =
                        new RejectedRows(new SequenceRange(i, 1), 1, "odd", "of " + i, new byte[] {(byte) i});
                engine.appendRejected("agent", 1, i, new Batch(List.of(), List.of(), List.of()), new long[0][], rows);
                if (i == 1) {
                    long first =
                            engine.engine.deadLetters().list(null, 1, -1).get(0).id();
                    assertThat(engine.engine.deadLetters().remove(first)).isTrue();
                }
            }
            TestEngine.copy(store, copy);
        }
        for (Path left : List.of(store, copy)) {
            try (TestEngine engine = new TestEngine(left, SMALL)) {
                assertThat(engine.engine.deadLetters().list(null, 10, -1))
                        .extracting(DeadLetter::detail)
                        .containsExactly("of 1", "of 2");
                assertThat(engine.engine.accounts().account(ORIGIN).rejected()).isEqualTo(Map.of("odd", 3L));
            }
        }
    }

    @Test
    void states_surviveByKindAndName() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.engine.states("agent").put("one", new byte[] {1});
            engine.engine.states("agent").put("two", new byte[] {2});
            engine.engine.states("agent").put("two", new byte[] {3});
            engine.engine.states("age").put("nt", new byte[] {4});
            engine.engine.states("agent").remove("one");
        }
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            Map<String, Byte> found = new TreeMap<>();
            engine.engine.states("agent").forEach((name, value) -> found.put(name, value[0]));
            assertThat(found).isEqualTo(Map.of("two", (byte) 3));
        }
    }

    @Test
    void losses_countAsKnownAndKeepTheirCause() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 0, noise(new Random(1), 0, 10));
            assertThat(engine.engine.writer().received(ORIGIN)).containsExactly(new SequenceRange(0, 20));
            engine.loss("agent", 1, 20, 5, "full");
            assertThat(engine.engine.writer().received(ORIGIN)).containsExactly(new SequenceRange(0, 25));
            assertThat(engine.engine.accounts().account(ORIGIN).evicted())
                    .isEqualTo(Map.of("full", List.of(new SequenceRange(20, 5))));
        }
    }
}
