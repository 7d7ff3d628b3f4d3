package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** Bit flips and cuts in every kind of file: what is damaged is named, the rest is served, nothing is silent. */
final class DamagedFilesTest {
    private static final Origin ORIGIN = new Origin("agent", 1);
    private static final int DEVICES = 5;

    @TempDir
    Path base;

    private final Random random = new Random(1);
    private Path store = Path.of("");
    private long sequence;

    /** Old readings in tables, newer ones in the log, as a kill leaves them. */
    @BeforeEach
    void killed() throws IOException, RocksDBException {
        Path first = base.resolve("first");
        try (TestEngine engine = new TestEngine(first, SMALL)) {
            for (int i = 0; i < 40; i++) {
                append(engine, i, 200);
            }
        }
        try (RocksStore rocks = RocksStore.open(first, SMALL)) {
            rocks.rewriteFiles();
        }
        try (TestEngine engine = new TestEngine(first, SMALL)) {
            for (int i = 40; i < 60; i++) {
                append(engine, i, 20);
            }
            store = TestEngine.copy(first, base.resolve("killed"));
        }
    }

    private void append(TestEngine engine, int batch, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (batch * 200L + i) * 1_000_000_000L;
            builder.row(Device.of("d" + batch % DEVICES), event, event).set("t", random.nextDouble());
        }
        Batch made = builder.build();
        engine.append("agent", 1, sequence, made);
        sequence += made.readingCount();
    }

    private static byte[] flip(byte[] bytes) {
        bytes[bytes.length / 2] ^= 0x10;
        return bytes;
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length / 2);
    }

    private static void damage(Path file, UnaryOperator<byte[]> how) throws IOException {
        Files.write(file, how.apply(Files.readAllBytes(file)));
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        }
    }

    private static long readings(TestEngine engine) {
        long found = 0;
        for (int i = 0; i < DEVICES; i++) {
            found += engine.series("d" + i, "t").size();
        }
        return found;
    }

    /** Whichever table it is: the collector names it, and serves the rest, or does not start and names it. */
    @Test
    void damagedTable_isNamed_theRestIsServed() throws IOException {
        Path whole = store;
        int served = 0;
        for (Path table : files(".sst")) {
            for (UnaryOperator<byte[]> how :
                    List.<UnaryOperator<byte[]>>of(DamagedFilesTest::flip, DamagedFilesTest::cut)) {
                store = Files.createDirectory(base.resolve("damaged" + random.nextInt(Integer.MAX_VALUE)));
                TestEngine.copyLog(whole, store);
                try (Stream<Path> files = Files.list(whole)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        Files.copy(file, store.resolve(file.getFileName()));
                    }
                }
                String name = table.getFileName().toString();
                damage(store.resolve(name), how);
                try (TestEngine engine = new TestEngine(store, SMALL)) {
                    long found = readings(engine);
                    if (found < 8400) {
                        assertThat(engine.engine.damagedFiles()).containsKey(name);
                    }
                    assertThat(found).isPositive();
                    append(engine, 70, 10);
                    assertThat(readings(engine)).isEqualTo(found + 10);
                    served++;
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining(name);
                }
            }
        }
        assertThat(served).isPositive();
    }

    private Path newestSegment() throws IOException {
        List<Path> segments = TestEngine.segments(store);
        return segments.get(segments.size() - 1);
    }

    @Test
    void damagedLog_isNamed_andTheRestIsServed() throws IOException {
        Path log = newestSegment();
        long size = Files.size(log);
        damage(log, bytes -> {
            bytes[bytes.length - 2000] ^= 0x10; // behind what the tables know of
            return bytes;
        });
        for (int start = 0; start < 2; start++) {
            try (TestEngine engine = new TestEngine(store, SMALL)) {
                long found = readings(engine);
                assertThat(found).isEqualTo(8400 - 20);
                OriginAccount account = engine.engine.accounts().account(ORIGIN);
                assertThat(account.stored()).isEqualTo(found);
                assertThat(account.receivedReadings()).isBetween(found, 8400L);
                assertThat(account.receivedReadings()).isEqualTo(found + account.rejectedReadings());
                assertThat(engine.engine.damagedFiles()).hasSize(start == 0 ? 1 : 0);
            }
        }
        assertThat(log).hasSize(size);
    }

    /** One delivery is torn, which nobody was told is durable: it is asked for again. */
    @Test
    void cutLog_isWhatAKillLeaves() throws IOException {
        damage(newestSegment(), bytes -> Arrays.copyOf(bytes, bytes.length - 7));
        try (TestEngine engine = new TestEngine(store, SMALL)) {
            assertThat(readings(engine)).isEqualTo(8400 - 20);
            assertThat(engine.engine.accounts().account(ORIGIN).stored()).isEqualTo(readings(engine));
            assertThat(engine.engine.writer().received(ORIGIN)).containsExactly(new SequenceRange(0, 8380));
        }
        assertThat(store.resolve("damaged")).isDirectoryContaining(file -> true);
    }
}
