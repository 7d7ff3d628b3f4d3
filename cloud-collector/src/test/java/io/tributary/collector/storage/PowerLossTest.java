package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What kill -9 and a loss of power leave: the log, fsynced up to where it ended when something was acknowledged last, and
 * the database as its tables were written last. Everything since then (flushes, folds, what an erasure rewrote) is gone,
 * and done again.
 */
final class PowerLossTest {
    private static final Origin ORIGIN = new Origin("agent", 1);

    @TempDir
    Path base;

    private long sequence;

    private void append(TestEngine engine, int step) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 20; i++) {
            long event = T0 + (step * 15L + i) * 1_000_000_000L; // a quarter comes twice
            builder.row(Device.of("d" + step % 2), event, event).set("t", (double) i);
        }
        Batch batch = builder.build();
        engine.append("agent", 1, sequence, batch);
        sequence += batch.readingCount();
    }

    private static double replayed(TestEngine engine) {
        for (MetricSnapshot snapshot : engine.metrics.scrape()) {
            if (snapshot.getMetadata().getName().equals("tributary_collector_storage_replay_log_bytes")) {
                return ((GaugeSnapshot) snapshot).getDataPoints().get(0).getValue();
            }
        }
        throw new AssertionError("no metric");
    }

    @Test
    void whatWasNotSynced_isDoneAgain() throws IOException {
        Path store = base.resolve("store");
        LifecycleOptions options =
                LifecycleOptions.NONE.rollups(List.of(new RollupLevel(Duration.ofSeconds(10), null)));
        int lost = 0;
        try (TestEngine engine =
                new TestEngine(store, TestEngine.options(1, 2), options, () -> Instant.ofEpochSecond(0, T0))) {
            for (int step = 0; step < 24; step++) {
                append(engine, step);
                if (step == 12) {
                    engine.engine
                            .erasures()
                            .erase(new ErasureRequest("d0", List.of(), false, T0, T0 + 60_000_000_000L));
                }
                engine.engine.flush();
                if (step % 2 == 0) {
                    engine.finishLifecycle();
                }
                lost += replayed(engine) > 0 ? 1 : 0;
                Path copy = TestEngine.copy(store, base.resolve("lost" + step));
                List<Path> segments = TestEngine.segments(copy);
                // A group that was being written, and never acknowledged.
                Files.write(segments.get(segments.size() - 1), new byte[step * 10], StandardOpenOption.APPEND);
                compare(engine, copy, options);
            }
        }
        assertThat(lost).isGreaterThan(10);
    }

    /** Copies at many moments: between an order to erase and what is done about it, before and behind retention. */
    @Test
    void cutAtAnyStep_whatIsThereAndWhatIsGoneIsRight() throws Exception {
        int steps = Integer.getInteger("cut.steps", 150);
        VictimModel model = new VictimModel();
        Path store = base.resolve("store");
        AtomicLong now = new AtomicLong();
        try (TimeSeriesEngine engine = StoreVictim.open(store, now)) {
            for (int step = 0; step < steps; step++) {
                now.set(step);
                StoreVictim.append(engine, step);
                model.note("A " + step);
                if (step % StoreVictim.ERASE_EVERY == 0 && step > 0) {
                    model.note("X " + step);
                    engine.erasures().erase(StoreVictim.erasure(step));
                    model.note("E " + step);
                }
                if (step % 3 == 0) {
                    engine.flush();
                }
                boolean ordered = step % StoreVictim.ERASE_EVERY == 0;
                if (step % 4 == 1) {
                    ((RocksEngine) engine).finishLifecycle();
                }
                if (step > 0 && (ordered || step % 16 == 1)) {
                    model.check(TestEngine.copy(store, base.resolve("cut" + step)));
                }
            }
        }
        model.check(store);
        assertThat(model.mustBeGone()).isPositive();
        assertThat(model.expiredWindows()).isPositive();
    }

    private static void compare(TestEngine engine, Path copy, LifecycleOptions options) throws IOException {
        engine.finishLifecycle();
        OriginAccount expected = engine.engine.accounts().account(ORIGIN);
        try (TestEngine again =
                new TestEngine(copy, TestEngine.options(1, 2), options, () -> Instant.ofEpochSecond(0, T0))) {
            again.finishLifecycle();
            for (String device : List.of("d0", "d1")) {
                assertThat(again.series(device, "t")).isEqualTo(engine.series(device, "t"));
            }
            assertThat(again.engine.accounts().account(ORIGIN)).isEqualTo(expected);
        }
    }

    /** The bytes of erased readings leave the log with its files. */
    @Test
    void oldLog_goesWhateverItsSize() throws IOException {
        AtomicLong seconds = new AtomicLong(T0 / 1_000_000_000L);
        LifecycleOptions options =
                new LifecycleOptions(null, List.of(), List.of(), Duration.ofDays(1), Duration.ofHours(1));
        try (TestEngine engine =
                new TestEngine(base, TestEngine.SMALL, options, () -> Instant.ofEpochSecond(seconds.get()))) {
            append(engine, 0);
            LogPosition oldest = engine.engine.log().oldest();
            engine.finishLifecycle();
            assertThat(engine.engine.log().oldest()).isEqualTo(oldest);
            seconds.addAndGet(3 * 3600);
        }
        try (TestEngine engine =
                new TestEngine(base, TestEngine.SMALL, options, () -> Instant.ofEpochSecond(seconds.get()))) {
            engine.finishLifecycle();
            assertThat(engine.engine.log().oldest())
                    .isEqualTo(engine.engine.log().newest());
            assertThat(engine.series("d0", "t")).hasSize(20);
            append(engine, 2);
            assertThat(engine.series("d0", "t")).hasSize(40);
        }
    }
}
