package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import io.tributary.rocks.TableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of file of the database, damaged in every way: the collector starts, names it, serves everything that was not in
 * it, takes more, and the account adds up.
 */
final class StoreSalvageTest {
    private static final Origin ORIGIN = new Origin("agent", 1);
    private static final int DEVICES = 5;
    private static final LifecycleOptions LIFECYCLE =
            LifecycleOptions.NONE.rollups(List.of(new RollupLevel(Duration.ofSeconds(10), null)));

    @TempDir
    static Path prepared;

    private static long sequence;
    private static long readings;
    private static OriginAccount account = OriginAccount.EMPTY;

    @TempDir
    Path base;

    private static TestEngine open(Path directory) throws IOException {
        return new TestEngine(directory, TestEngine.SMALL, LIFECYCLE, () -> Instant.ofEpochSecond(0, T0));
    }

    /** Tables of every family, deletions among them, newer readings in the write-ahead log, as a kill leaves them. */
    @BeforeAll
    static void prepare() throws Exception {
        Path first = prepared.resolve("first");
        try (TestEngine engine = open(first)) {
            for (int i = 0; i < 30; i++) {
                append(engine, i, 100);
            }
            Batch kept = batch(200, 1);
            engine.appendRejected(
                    "agent",
                    1,
                    sequence,
                    kept,
                    new long[][] {{sequence + 2}},
                    new RejectedRows(new SequenceRange(sequence, 2), 2, "odd", "very", new byte[100]));
            sequence += 2 + kept.readingCount();
            engine.engine.flush();
            engine.finishLifecycle();
        }
        try (RocksStore rocks = RocksStore.open(first, TestEngine.SMALL)) {
            rocks.rewriteFiles();
        }
        try (TestEngine engine = open(first)) {
            append(engine, 12, 50); // again, as other readings: replaced
            engine.engine.flush();
            for (int i = 30; i < 40; i++) {
                append(engine, i, 20);
            }
            TestEngine.copy(first, prepared.resolve("killed"));
            readings = readings(engine);
            account = engine.engine.accounts().account(ORIGIN);
        }
        try (TestEngine other = open(prepared.resolve("other"))) {
            other.append("foreign", 9, 0, batch(3, 500));
        }
        try (RocksStore rocks = RocksStore.open(prepared.resolve("other"), TestEngine.SMALL)) {
            rocks.rewriteFiles();
        }
    }

    private static Batch batch(int number, int rows) {
        Random random = new Random(number * 1000L + rows);
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (number * 100L + i) * 1_000_000_000L;
            builder.row(Device.of("d" + number % DEVICES), event, event).set("t", random.nextDouble());
        }
        return builder.build();
    }

    private static void append(TestEngine engine, int number, int rows) {
        Batch batch = batch(number, rows);
        engine.append("agent", 1, sequence, batch);
        sequence += batch.readingCount();
    }

    private static long readings(TestEngine engine) {
        long found = 0;
        for (int i = 0; i < DEVICES; i++) {
            found += engine.series("d" + i, "t").size();
        }
        return found;
    }

    private static long aggregated(TestEngine engine) {
        long found = 0;
        for (int i = 0; i < DEVICES; i++) {
            try (BlockCursor cursor = engine.engine
                    .reader()
                    .aggregate("d" + i, null, Long.MIN_VALUE, Long.MAX_VALUE, every -> every == 10_000_000_000L)) {
                for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                    for (int c = 0; c < block.channels().size(); c++) {
                        StatsRows rows = block.statsRows(c);
                        for (int row = 0; rows != null && row < rows.size(); row++) {
                            found += rows.numbers(row).count() + rows.others(row);
                        }
                    }
                }
            }
        }
        return found;
    }

    private enum Damage {
        MISSING,
        EMPTY,
        HALVED,
        BIT_AT_START,
        BIT_IN_THE_MIDDLE,
        BIT_AT_THE_END,
        NOISE,
        FOREIGN,
        DIRECTORY;

        void to(Path file, Path foreign) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            switch (this) {
                case MISSING -> {
                    return;
                }
                case DIRECTORY -> {
                    Files.createDirectory(file);
                    return;
                }
                case EMPTY -> bytes = new byte[0];
                case HALVED -> bytes = Arrays.copyOf(bytes, bytes.length / 2);
                case BIT_AT_START -> flip(bytes, 3);
                case BIT_IN_THE_MIDDLE -> flip(bytes, bytes.length / 2);
                case BIT_AT_THE_END -> flip(bytes, bytes.length - 2);
                case NOISE -> new Random(7).nextBytes(bytes);
                case FOREIGN -> bytes = Files.readAllBytes(foreign);
            }
            Files.write(file, bytes);
        }

        private static void flip(byte[] bytes, int at) {
            if (at >= 0 && at < bytes.length) {
                bytes[at] ^= 0x10;
            }
        }
    }

    static Stream<Arguments> damages() {
        List<Arguments> all = new ArrayList<>();
        List<String> kinds = new ArrayList<>(List.of("CURRENT", "MANIFEST-", "OPTIONS-", "IDENTITY", ".log"));
        for (String family : List.of("chunk", "catalog", "meta", "deadletter", "rollup")) {
            kinds.add("table of " + family);
        }
        for (String kind : kinds) {
            boolean minor = List.of("OPTIONS-", "IDENTITY", "table of deadletter", "table of rollup")
                    .contains(kind);
            for (Damage damage :
                    minor ? List.of(Damage.MISSING, Damage.HALVED, Damage.BIT_AT_START) : List.of(Damage.values())) {
                all.add(Arguments.of(kind, damage));
            }
        }
        return all.stream();
    }

    private static List<Path> files(Path directory, String kind) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path file : RocksFiles.in(directory)) {
            String name = RocksFiles.name(file);
            boolean fits = kind.startsWith("table of ")
                    ? RocksFiles.isTable(file) && TableFile.open(file).family().equals(kind.substring(9))
                    : kind.startsWith(".") ? name.endsWith(kind) : name.startsWith(kind);
            if (fits) {
                found.add(file);
            }
        }
        return found;
    }

    private static void addsUp(TestEngine engine) {
        OriginAccount found = engine.engine.accounts().account(ORIGIN);
        assertThat(found.receivedReadings())
                .isEqualTo(found.stored() + found.duplicate() + found.replaced() + found.rejectedReadings());
        assertThat(found.stored()).isEqualTo(readings(engine));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedFile_costsAtMostWhatItHeld(String kind, Damage damage) throws IOException {
        Path store = TestEngine.copy(prepared.resolve("killed"), base.resolve("store"));
        List<Path> victims = files(store, kind);
        assertThat(victims).isNotEmpty();
        Path victim = victims.get(victims.size() - 1);
        List<Path> foreign = files(prepared.resolve("other"), kind);
        Path donor = foreign.isEmpty()
                ? files(prepared.resolve("other"), "table of meta").get(0)
                : foreign.get(0);
        damage.to(victim, donor);
        long kept;
        try (TestEngine engine = open(store)) {
            kept = readings(engine);
            boolean holdsReadings = kind.equals("table of chunk") || kind.equals(".log");
            boolean holdsCounts = holdsReadings || kind.equals("table of meta");
            assertThat(kept).isLessThanOrEqualTo(readings);
            if (!holdsReadings) {
                assertThat(kept).isEqualTo(readings);
                assertThat(engine.engine.catalog().devices(Glob.ALL, Map.of(), 100, null))
                        .hasSize(DEVICES);
            }
            if (!holdsCounts) {
                assertThat(engine.engine.accounts().account(ORIGIN)).isEqualTo(account);
            }
            assertThat(kept).isPositive();
            boolean found = !(kind.equals("table of chunk") && damage.name().startsWith("BIT"));
            if (found) { // else it is met by who reads it, and accounted for by the next start
                addsUp(engine);
            }
            if (kept < readings && !kind.equals(".log")) { // the end of a log may be missing
                assertThat(engine.engine.damagedFiles()).isNotEmpty();
            }
            append(engine, 70, 10);
            assertThat(readings(engine)).isEqualTo(kept + 10);
            engine.engine.flush();
            engine.finishLifecycle();
            if (found) {
                addsUp(engine);
            }
            if (!kind.equals("table of rollup")) {
                assertThat(aggregated(engine)).isGreaterThanOrEqualTo(kept);
            }
        }
        try (TestEngine engine = open(store)) {
            assertThat(readings(engine)).isEqualTo(kept + 10);
            addsUp(engine);
        }
    }

    /** A manifest that ends early is one of an older database, which would delete the tables it does not know. */
    @Test
    void manifestCutAtAnyPlace_losesNothing() throws IOException {
        Path manifest = files(prepared.resolve("killed"), "MANIFEST-").get(0);
        byte[] whole = Files.readAllBytes(manifest);
        for (int length = 0; length < whole.length; length += 1 + whole.length / 12) {
            Path store = TestEngine.copy(prepared.resolve("killed"), base.resolve("cut" + length));
            Files.write(store.resolve(manifest.getFileName()), Arrays.copyOf(whole, length));
            try (TestEngine engine = open(store)) {
                assertThat(readings(engine)).as("cut at %d", length).isEqualTo(readings);
                assertThat(engine.engine.accounts().account(ORIGIN)).isEqualTo(account);
            }
        }
    }

    /** A salvage that is broken off goes on with the next start, whatever it had done. */
    @Test
    void brokenOff_goesOn() throws IOException {
        Path store = TestEngine.copy(prepared.resolve("killed"), base.resolve("store"));
        Path quarantine = Files.createDirectories(store.resolve("quarantine/0001"));
        Files.writeString(quarantine.resolve("unfinished"), "CURRENT is missing\n");
        List<Path> files = RocksFiles.in(store);
        for (Path file : files.subList(0, files.size() / 2)) {
            Files.move(file, quarantine.resolve(file.getFileName()));
        }
        Files.createDirectories(store.resolve("rebuilt"));
        Files.write(store.resolve("rebuilt/000001.sst"), new byte[10]);
        try (TestEngine engine = open(store)) {
            assertThat(readings(engine)).isEqualTo(readings);
            assertThat(engine.engine.accounts().account(ORIGIN)).isEqualTo(account);
        }
        assertThat(quarantine.resolve("unfinished")).doesNotExist();
        assertThat(quarantine.resolve("report.txt")).exists();
    }
}
