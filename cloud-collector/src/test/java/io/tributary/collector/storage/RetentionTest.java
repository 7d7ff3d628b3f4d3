package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** What retention promises, beyond what the model test compares. */
final class RetentionTest {
    private static final Origin ORIGIN = new Origin("agent", 1);
    private static final long SECOND = 1_000_000_000L;
    /** Begins a bucket, of which each is a minute. */
    private static final long START = T0 / (60 * SECOND) * 60 * SECOND;

    private static final LifecycleOptions TEN_MINUTES =
            LifecycleOptions.NONE.retention(Duration.ofMinutes(10), List.of());

    @TempDir
    Path base;

    private long nowNs = START;

    private TestEngine open(Path directory, LifecycleOptions options) throws IOException {
        return new TestEngine(directory, SMALL, options, () -> Instant.ofEpochSecond(0, nowNs));
    }

    private static Batch batch(Device device, long fromNs, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = fromNs + i * SECOND;
            builder.row(device, event, event).set("t", 0.5 + i).set("n", (long) i);
        }
        return builder.build();
    }

    @Test
    void bucketsGoWhole_whenTheirEndIsOldEnough() throws IOException {
        try (TestEngine engine = open(base, TEN_MINUTES)) {
            engine.append("agent", 1, 0, batch(Device.of("d"), START, 180));
            engine.engine.flush();
            nowNs = START + 661 * SECOND - 2 * SECOND;
            engine.finishLifecycle();
            assertThat(engine.series("d", "t")).hasSize(180);
            nowNs = START + 661 * SECOND;
            engine.finishLifecycle();
            assertThat(engine.series("d", "t").firstKey()).isEqualTo(START + 60 * SECOND);
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.expired()).isEqualTo(120);
            assertThat(account.stored()).isEqualTo(240);
        }
    }

    @Test
    void lateReadings_olderThanWhatIsKept_areCounted() throws IOException {
        nowNs = START + 3600 * SECOND;
        try (TestEngine engine = open(base, TEN_MINUTES)) {
            engine.finishLifecycle();
            engine.append("agent", 1, 0, batch(Device.of("d"), START, 5));
            engine.append("agent", 1, 10, batch(Device.of("d"), nowNs, 5));
            assertThat(engine.series("d", "t")).hasSize(5);
            for (int flushed = 0; flushed < 2; flushed++) {
                OriginAccount account = engine.engine.accounts().account(ORIGIN);
                assertThat(account.expired()).isEqualTo(10);
                assertThat(account.stored()).isEqualTo(10);
                engine.engine.flush();
            }
        }
    }

    @Test
    void aClockThatGoesBack_bringsNothingBack() throws IOException {
        try (TestEngine engine = open(base, TEN_MINUTES)) {
            engine.append("agent", 1, 0, batch(Device.of("d"), START, 5));
            nowNs = START + 3600 * SECOND;
            engine.finishLifecycle();
            nowNs = START;
            engine.finishLifecycle();
            engine.append("agent", 1, 10, batch(Device.of("d"), START, 5));
            assertThat(engine.series("d", "t")).isEmpty();
        }
        try (TestEngine engine = open(base, TEN_MINUTES)) {
            assertThat(engine.series("d", "t")).isEmpty();
            assertThat(engine.engine.accounts().account(ORIGIN).expired()).isEqualTo(20);
        }
    }

    @Test
    void stampsOfReadings_driveNothing() throws IOException {
        try (TestEngine engine = open(base, TEN_MINUTES)) {
            engine.append("agent", 1, 0, batch(Device.of("d"), START, 5));
            engine.append("agent", 1, 10, batch(Device.of("d"), START + 1_000_000 * SECOND, 5));
            engine.engine.flush();
            engine.finishLifecycle();
            assertThat(engine.series("d", "t")).hasSize(10);
        }
    }

    @Test
    void rules_applyByDeviceChannelAndTag_theFirstOne() throws IOException {
        LifecycleOptions options = LifecycleOptions.NONE.retention(
                null,
                List.of(
                        new RetentionRule(new Glob("keep"), Glob.ALL, Map.of(), null),
                        new RetentionRule(Glob.ALL, new Glob("n"), Map.of(), Duration.ofMinutes(5)),
                        new RetentionRule(Glob.ALL, Glob.ALL, Map.of("env", "test"), Duration.ofMinutes(2))));
        try (TestEngine engine = open(base, options)) {
            engine.append("agent", 1, 0, batch(Device.of("keep"), START, 5));
            engine.append("agent", 1, 10, batch(Device.of("plain"), START, 5));
            engine.append("agent", 1, 20, batch(new Device("tagged", Map.of("env", "test")), START, 5));
            engine.engine.flush();
            nowNs = START + 200 * SECOND;
            engine.finishLifecycle();
            assertThat(engine.series("tagged", "t")).isEmpty();
            assertThat(engine.series("tagged", "n")).hasSize(5);
            nowNs = START + 500 * SECOND;
            engine.finishLifecycle();
            assertThat(engine.series("tagged", "n")).isEmpty();
            assertThat(engine.series("plain", "n")).isEmpty();
            assertThat(engine.series("plain", "t")).hasSize(5);
            assertThat(engine.series("keep", "n")).hasSize(5);
            assertThat(engine.engine.accounts().account(ORIGIN).expired()).isEqualTo(15);
        }
    }

    @Test
    void killedBetweenTheSteps_itIsFinishedByTheNextStart() throws IOException {
        Path killed;
        try (TestEngine engine = open(base.resolve("store"), LifecycleOptions.NONE)) {
            engine.append("agent", 1, 0, batch(Device.of("d"), START, 180));
            engine.engine.flush();
            killed = TestEngine.copy(base.resolve("store"), base.resolve("killed"));
        }
        nowNs = START + 700 * SECOND;
        try (RocksStore store = RocksStore.open(killed, SMALL)) { // the first step only
            store.put(store.meta, Keys.RETENTION, Keys.longs(nowNs));
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
        try (TestEngine engine = open(killed, TEN_MINUTES)) {
            assertThat(engine.series("d", "t")).hasSize(120);
            engine.finishLifecycle();
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.expired()).isEqualTo(120);
            assertThat(account.stored()).isEqualTo(240);
        }
    }
}
