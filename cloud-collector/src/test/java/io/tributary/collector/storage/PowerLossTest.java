package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/**
 * What a loss of power leaves: the write-ahead log up to the last fsync, which is where it ended when something was
 * acknowledged last. Everything written since then (flushes, folds, what an erasure rewrote) is gone, and done again.
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

    /** The newest write-ahead log. */
    private static Path log(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".log"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
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
                Path log = log(store);
                long synced = Files.size(log);
                engine.engine.flush();
                if (step % 2 == 0) {
                    engine.finishLifecycle();
                }
                Path copy = TestEngine.copy(store, base.resolve("lost" + step));
                if (log.getFileName().equals(log(copy).getFileName())) { // no fsync by another log in between
                    try (RandomAccessFile cut =
                            new RandomAccessFile(copy.resolve(log.getFileName()).toFile(), "rw")) {
                        lost += cut.length() > synced ? 1 : 0;
                        cut.setLength(Math.min(cut.length(), synced));
                    }
                    compare(engine, copy, options);
                }
            }
        }
        assertThat(lost).isGreaterThan(10);
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
    void oldLog_goesWhateverItsSize() throws IOException, RocksDBException {
        try (TestEngine engine = new TestEngine(base, TestEngine.SMALL)) {
            append(engine, 0);
        }
        try (RocksStore store = RocksStore.open(base, TestEngine.SMALL)) {
            assertThat(store.firstKey(store.log)).isNotNull();
            await().untilAsserted(() -> {
                store.dropLog(1);
                assertThat(store.firstKey(store.log)).isNull();
            });
        }
        try (TestEngine engine = new TestEngine(base, TestEngine.SMALL)) {
            assertThat(engine.series("d0", "t")).hasSize(20);
            append(engine, 2);
            assertThat(engine.series("d0", "t")).hasSize(40);
        }
    }
}
