package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Damaged records and chunks go to the dead letters; everything else is served, and the account still adds up. */
class StoreDamageTest {
    private static final Origin ORIGIN = new Origin("agent", 1);

    @TempDir
    Path base;

    private static Batch batch(String device, long from, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (from + i) * 1_000_000_000L;
            builder.row(Device.of(device), event, event).set("t", 0.5 + i).set("n", (long) i);
        }
        return builder.build();
    }

    private interface Damage {
        void to(byte[] value);
    }

    /** Changes the first chunk of a device. */
    private static void damage(Path directory, String device, Damage damage) throws IOException, RocksDBException {
        try (RocksStore store = RocksStore.open(directory, SMALL)) {
            try (ReadOptions options = new ReadOptions();
                    RocksIterator each = store.iterator(store.chunk, options)) {
                for (each.seekToFirst(); each.isValid(); each.next()) {
                    byte[] key = each.key();
                    if (ChunkKeys.device(key).equals(device)) {
                        byte[] value = each.value();
                        damage.to(value);
                        store.put(store.chunk, key, value);
                        return;
                    }
                }
            }
            throw new AssertionError("nothing to damage");
        }
    }

    /** Changes a byte of the log, counted from the first record on. */
    private static void damageLog(Path directory, int at) throws IOException {
        Path segment = TestEngine.segments(directory).get(0);
        byte[] bytes = Files.readAllBytes(segment);
        bytes[36 + at] ^= 1;
        Files.write(segment, bytes);
    }

    /** What a crash leaves: heads unflushed. */
    private Path crashed(int deliveries) throws IOException {
        Path directory = base.resolve("store");
        Path copy = base.resolve("crashed");
        try (TestEngine engine = new TestEngine(directory, TestEngine.options(1, 3))) {
            long first = 0;
            for (int i = 0; i < deliveries; i++) {
                Batch batch = batch("d" + i, 0, 10);
                engine.append("agent", 1, first, batch);
                first += batch.readingCount();
            }
            return TestEngine.copy(directory, copy);
        }
    }

    private static void assertAddsUp(OriginAccount account) {
        assertThat(account.receivedReadings())
                .isEqualTo(account.stored() + account.duplicate() + account.replaced() + account.rejectedReadings());
    }

    @Test
    void damagedLogRecord_isQuarantinedAtTheStart() throws IOException, RocksDBException {
        Path directory = crashed(3);
        damageLog(directory, 100); // inside the batch
        for (int start = 0; start < 2; start++) {
            try (TestEngine engine = new TestEngine(directory, TestEngine.options(1, 3))) {
                OriginAccount account = engine.engine.accounts().account(ORIGIN);
                assertThat(account.rejected()).isEqualTo(Map.of("damaged-log-record", 20L));
                assertThat(account.stored()).isEqualTo(40);
                assertAddsUp(account);
                assertThat(engine.series("d0", "t")).isEmpty();
                assertThat(engine.series("d1", "t")).hasSize(10);
                assertThat(engine.series("d2", "n")).hasSize(10);
                assertThat(engine.engine.deadLetters().countByCause()).isEqualTo(Map.of("damaged-log-record", 1L));
            }
        }
    }

    @Test
    void damagedLogRecordHeader_isQuarantinedAtTheStart() throws IOException, RocksDBException {
        Path directory = crashed(2);
        damageLog(directory, 20);
        try (TestEngine engine = new TestEngine(directory, TestEngine.options(1, 3))) {
            assertThat(engine.series("d0", "t")).isEmpty();
            assertThat(engine.series("d1", "t")).hasSize(10);
            assertThat(engine.engine.deadLetters().list("damaged-log-record", 10, -1))
                    .singleElement()
                    .matches(letter -> letter.origin() == null && letter.payload().length > 0);
            engine.append("agent", 1, 40, batch("d3", 0, 1));
            assertThat(engine.series("d3", "t")).hasSize(1);
        }
    }

    @Test
    void damagedChunk_isQuarantinedWhenItIsRead() throws IOException, RocksDBException {
        Path directory = base.resolve("store");
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 0, batch("d1", 0, 10));
            engine.append("agent", 1, 20, batch("d2", 0, 10));
            engine.engine.flush();
        }
        damage(directory, "d1", value -> value[value.length - 1] ^= 1);
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            assertThat(engine.series("d1", "t")).isEmpty();
            assertThat(engine.series("d2", "t")).hasSize(10);
            await().until(() -> engine.engine.deadLetters().countByCause().equals(Map.of("damaged-chunk", 1L)));
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.stored()).isEqualTo(20);
            assertThat(account.rejected()).isEqualTo(Map.of("damaged-chunk", 20L));
            assertAddsUp(account);
            assertThat(engine.engine.deadLetters().list(null, 10, -1))
                    .singleElement()
                    .matches(letter -> letter.readings() == 20
                            && ORIGIN.equals(letter.origin())
                            && letter.detail().contains("device d1"));
            assertThat(engine.engine.reader().latest("d1", null)).isEmpty();
        }
    }

    @Test
    void damagedChunkHeader_doesNotStopFlushesAndFolds() throws IOException, RocksDBException {
        Path directory = base.resolve("store");
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 0, batch("d1", 0, 10));
            engine.engine.flush();
        }
        damage(directory, "d1", value -> value[10] ^= 1);
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 20, batch("d1", 0, 5)); // overlaps what cannot be read
            engine.engine.flush();
            engine.append("agent", 1, 30, batch("d1", 5, 5));
            engine.engine.flush();
            assertThat(engine.series("d1", "t")).hasSize(10);
            await().until(() -> engine.engine.deadLetters().countByCause().equals(Map.of("damaged-chunk", 1L)));
            List<Long> times = new ArrayList<>(engine.series("d1", "n").keySet());
            assertThat(times).isSorted().hasSize(10);
        }
    }
}
