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

/** What erasing promises, beyond what the model test compares. */
final class ErasureTest {
    private static final Origin ORIGIN = new Origin("agent", 1);
    private static final ErasureRequest ALL_OF_D =
            new ErasureRequest("d", List.of(), false, Long.MIN_VALUE, Long.MAX_VALUE);

    @TempDir
    Path base;

    private static Batch batch(String device, long from, int rows, String text) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (from + i) * 1_000_000_000L;
            builder.row(Device.of(device), event, event).set("t", 0.5 + i).set("s", text);
        }
        return builder.build();
    }

    @Test
    void device_isGoneAtOnce_alsoFromTheCatalogOnceRewritten() throws IOException {
        try (TestEngine engine = new TestEngine(base, SMALL)) {
            engine.append("agent", 1, 0, batch("d", 0, 100, "x"));
            engine.engine.flush();
            engine.append("agent", 1, 200, batch("d", 50, 100, "y")); // late, and still in the head
            engine.append("agent", 1, 400, batch("other", 0, 1, "z"));
            ErasureStatus status = engine.engine.erasures().erase(ALL_OF_D);
            assertThat(status.readings()).isEqualTo(300);
            assertThat(status.chunks()).isPositive();
            assertThat(status.stage()).isEqualTo(ErasureStatus.Stage.HIDDEN);
            assertThat(engine.series("d", "t")).isEmpty();
            assertThat(engine.engine.reader().latest("d", null)).isEmpty();
            engine.finishLifecycle();
            assertThat(engine.engine.catalog().device("d")).isNull();
            assertThat(engine.engine.catalog().devices(Glob.ALL, Map.of(), 10, null))
                    .hasSize(1);
            assertThat(engine.engine.catalog().deviceCount()).isLessThanOrEqualTo(2);
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.erased()).isEqualTo(300);
            assertThat(account.replaced()).isEqualTo(100);
            assertThat(account.stored()).isEqualTo(2);
        }
    }

    @Test
    void whatComesAgain_staysAway_whatIsNew_isStored() throws IOException {
        try (TestEngine engine = new TestEngine(base, SMALL)) {
            engine.append("agent", 1, 0, batch("d", 0, 5, "x"));
            engine.append("agent", 1, 30, batch("d", 20, 5, "x")); // 10 to 29 are still to come
            engine.engine.erasures().erase(ALL_OF_D);
            engine.append("agent", 1, 0, batch("d", 0, 5, "x")); // again
            engine.append("agent", 1, 10, batch("d", 10, 10, "x")); // backlog from before
            assertThat(engine.series("d", "t")).isEmpty();
            engine.append("agent", 1, 40, batch("d", 0, 3, "new"));
            assertThat(engine.series("d", "s").values()).containsOnly("new").hasSize(3);
            engine.finishLifecycle();
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.rejected()).isEqualTo(Map.of("erased", 20L));
            assertThat(account.redelivered()).isEqualTo(10);
            assertThat(account.erased()).isEqualTo(20);
            assertThat(account.stored()).isEqualTo(6);
        }
    }

    @Test
    void killedAtAnyStage_itStaysErased() throws IOException {
        Path hidden;
        Path rewritten;
        try (TestEngine engine = new TestEngine(base.resolve("store"), SMALL)) {
            engine.append("agent", 1, 0, batch("d", 0, 300, "x"));
            engine.engine.flush();
            engine.append("agent", 1, 600, batch("e", 0, 300, "x"));
            ErasureStatus status = engine.engine
                    .erasures()
                    .erase(new ErasureRequest("?", List.of("t"), true, T0, T0 + 150_000_000_000L));
            assertThat(status.readings()).isEqualTo(300);
            hidden = TestEngine.copy(base.resolve("store"), base.resolve("hidden"));
            engine.finishLifecycle();
            rewritten = TestEngine.copy(base.resolve("store"), base.resolve("rewritten"));
        }
        for (Path killed : List.of(hidden, rewritten)) {
            try (TestEngine engine = new TestEngine(killed, SMALL)) {
                assertThat(engine.series("d", "t")).hasSize(150);
                assertThat(engine.series("e", "t")).hasSize(150);
                assertThat(engine.series("d", "s")).hasSize(300);
                engine.finishLifecycle();
                assertThat(engine.engine.accounts().account(ORIGIN).erased()).isEqualTo(300);
                assertThat(engine.engine.accounts().account(ORIGIN).stored()).isEqualTo(900);
            }
        }
    }

    @Test
    void purge_followsWhenItIsDue() throws IOException {
        LifecycleOptions soon = new LifecycleOptions(null, List.of(), List.of(), Duration.ofSeconds(1), null);
        long[] now = {T0};
        try (TestEngine engine = new TestEngine(base, SMALL, soon, () -> Instant.ofEpochSecond(0, now[0]))) {
            engine.append("agent", 1, 0, batch("SECRET-DEVICE", 0, 50, "x"));
            engine.append("agent", 1, 100, batch("KEPT-DEVICE", 0, 50, "y"));
            ErasureStatus status = engine.engine
                    .erasures()
                    .erase(new ErasureRequest("SECRET-DEVICE", List.of("t", "s"), false, T0, Long.MAX_VALUE));
            now[0] += 10_000_000_000L;
            engine.finishLifecycle();
            assertThat(engine.engine.erasures().get(status.id()))
                    .extracting(ErasureStatus::stage)
                    .isEqualTo(ErasureStatus.Stage.PURGED);
            assertThat(engine.series("SECRET-DEVICE", "t")).isEmpty();
            assertThat(engine.series("KEPT-DEVICE", "t")).hasSize(50);
        }
    }
}
