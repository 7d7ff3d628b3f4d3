package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.ManualClock;
import io.tributary.config.ByteSize;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of file of the outbox, damaged in every way: it starts, keeps what is readable, tells of the rest. */
final class DamageTest {
    @TempDir
    static Path prepared;

    private static final ManualClock CLOCK = new ManualClock();
    private static final Map<Long, byte[]> WRITTEN = new TreeMap<>();
    /** With what was freed and evicted. */
    private static final Map<Long, byte[]> ALL = new TreeMap<>();

    private static long next;

    @TempDir
    Path directory;

    private static OutboxOptions options(Path path) {
        return Outboxes.options(path, new ByteSize(16 << 20), WhenFull.DROP_OLDEST, null);
    }

    /** Tables of several levels, a log with content, freed, lost and lettered things. */
    @BeforeAll
    static void prepare() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        try (RocksOutbox outbox = RocksOutbox.open(options(prepared.resolve("outbox")), CLOCK)) {
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[random.nextInt(100, 16 << 10)];
                random.nextBytes(bytes);
                outbox.append(
                        List.of(new EncodedBatch(10, i, i, i, bytes)),
                        i % 25 == 0 ? List.of(new DeadLetter(i, "s", "c", "letter " + i, bytes)) : List.of(),
                        i % 50 == 0);
                WRITTEN.put(next, bytes);
                ALL.put(next, bytes);
                next += 10;
            }
            outbox.free(outbox.epoch(), List.of(new SequenceRange(0, 50)));
            outbox.evictBefore(8);
            outbox.sync();
            for (long first = 0; first < 80; first += 10) {
                WRITTEN.remove(first);
            }
        }
    }

    private enum Damage {
        MISSING,
        EMPTY,
        HALVED,
        CUT_BY_ONE,
        BIT_AT_START,
        BIT_IN_THE_MIDDLE,
        BITS_EVERYWHERE,
        NOISE,
        DIRECTORY;

        void to(Path file) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            SplittableRandom random = new SplittableRandom(7);
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
                case HALVED -> bytes = java.util.Arrays.copyOf(bytes, bytes.length / 2);
                case CUT_BY_ONE -> bytes = java.util.Arrays.copyOf(bytes, Math.max(0, bytes.length - 1));
                case BIT_AT_START -> flip(bytes, 3);
                case BIT_IN_THE_MIDDLE -> flip(bytes, bytes.length / 2);
                case BITS_EVERYWHERE -> {
                    for (int i = 0; i < bytes.length; i += 20_000) {
                        flip(bytes, i);
                    }
                }
                case NOISE -> random.nextBytes(bytes);
            }
            Files.write(file, bytes);
        }

        private static void flip(byte[] bytes, int at) {
            if (at < bytes.length) {
                bytes[at] ^= 0x10;
            }
        }
    }

    static Stream<Arguments> damages() {
        List<Arguments> all = new ArrayList<>();
        for (String kind : List.of("CURRENT", "MANIFEST-", "OPTIONS-", "IDENTITY", "LOG", ".log", ".sst")) {
            for (Damage damage : Damage.values()) {
                all.add(Arguments.of(kind, damage));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedFile_costsAtMostWhatItHeld(String kind, Damage damage) throws Exception {
        Path outbox = copy();
        List<Path> hit = new ArrayList<>();
        for (Path file : RocksFiles.in(outbox)) {
            String name = file.getFileName().toString();
            if (kind.startsWith(".") ? name.endsWith(kind) : name.startsWith(kind)) {
                hit.add(file);
            }
        }
        assertThat(hit).isNotEmpty();
        Path victim = hit.get(hit.size() / 2);
        damage.to(victim);

        try (ReopeningOutbox open = ReopeningOutbox.open(options(outbox), CLOCK)) {
            List<OutboxRecord> read = readAll(open);
            OutboxStats stats = open.stats();
            long kept = read.stream().mapToLong(each -> each.batch().readings()).sum();
            assertThat(stats.queuedReadings()).isEqualTo(kept);
            if (stats.epoch() == epochOfPrepared()) {
                // Nothing that mattered, or the end of the log, which nothing here can know of.
                assertThat(stats.nextSequence()).isLessThanOrEqualTo(next);
                for (OutboxRecord each : read) {
                    assertThat(each.batch().bytes()).isEqualTo(ALL.get(each.firstSequence()));
                }
                if (!kind.equals(".log")) {
                    assertThat(kept).isEqualTo(WRITTEN.size() * 10L);
                } else if (kept < WRITTEN.size() * 10L) {
                    open.renewEpoch("the collector knows better");
                    assertThat(readAll(open)).hasSameSizeAs(read);
                }
            } else {
                carriedOver(open, read);
                Path quarantine = Salvage.quarantineOf(outbox).resolve(damage == Damage.DIRECTORY ? "0002" : "0001");
                assertThat(quarantine.resolve("report.txt")).content().contains("because: ");
            }
            // And it goes on.
            long before = open.stats().nextSequence();
            open.append(List.of(Outboxes.batch(3, 5)), List.of(), true);
            assertThat(open.stats().nextSequence()).isEqualTo(before + 3);
        }
        try (ReopeningOutbox again = ReopeningOutbox.open(options(outbox), CLOCK)) {
            assertThat(readAll(again)).isNotEmpty();
        }
    }

    private static long epochOfPrepared() throws IOException {
        return EpochFile.last(prepared.resolve("outbox"));
    }

    /** What is read is what was written, in order; what is salvaged is told; the rest is told last. */
    private static void carriedOver(Outbox open, List<OutboxRecord> read) throws Exception {
        List<byte[]> originals = new ArrayList<>(WRITTEN.values());
        int at = 0;
        long salvaged = 0;
        for (OutboxRecord each : read) {
            boolean found = isFreed(each);
            while (!found && at < originals.size()) {
                found = java.util.Arrays.equals(
                        originals.get(at++), each.batch().bytes());
            }
            assertThat(found).as("batch at %d", each.firstSequence()).isTrue();
            salvaged += each.batch().readings();
        }
        List<LostRange> losses = open.losses(1000);
        long told = 0;
        for (LostRange lost : losses) {
            assertThat(lost.epoch()).isEqualTo(epochOfPrepared());
            told += lost.cause().equals("salvaged") ? lost.range().count() : 0;
        }
        assertThat(told).isEqualTo(salvaged);
        for (LostRange lost : losses) {
            open.forgetLosses(lost.epoch(), List.of(lost.range()));
        }
        assertThat(open.losses(10)).containsExactly(LostRange.rest(epochOfPrepared(), "damaged"));
        open.forgetLosses(epochOfPrepared(), List.of(open.losses(10).get(0).range()));
        assertThat(open.losses(10)).isEmpty();
    }

    /** Tables do not show what was freed: it may come back, as the collector knows it. */
    private static boolean isFreed(OutboxRecord each) {
        return each.batch().edgeTimeNs() < 8;
    }

    private static List<OutboxRecord> readAll(Outbox outbox) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                return outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE);
            } catch (OutboxException e) {
                if (attempt == 3) {
                    throw e;
                }
                CLOCK.advance(2_000_000_000L);
            }
        }
    }

    private Path copy() throws IOException {
        Path to = directory.resolve("outbox");
        Files.createDirectories(to);
        for (Path file : RocksFiles.in(prepared.resolve("outbox"))) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
        Files.copy(prepared.resolve("outbox.epoch"), directory.resolve("outbox.epoch"));
        return to;
    }

    @Test
    void foreignFiles_areMovedAside() throws Exception {
        Path outbox = copy();
        Files.writeString(outbox.resolve("holiday.jpg"), "not ours");
        Files.createDirectory(outbox.resolve("lost+found"));
        try (RocksOutbox open = RocksOutbox.open(options(outbox), CLOCK)) {
            assertThat(open.stats().queuedReadings()).isEqualTo(WRITTEN.size() * 10L);
        }
        assertThat(outbox.resolve("holiday.jpg")).doesNotExist();
        assertThat(Salvage.quarantineOf(outbox).resolve("0001/holiday.jpg")).hasContent("not ours");
    }

    @Test
    void damagedTable_losesOnlyWhatTheDamageHit() throws Exception {
        Path outbox = copy();
        List<Path> tables =
                RocksFiles.in(outbox).stream().filter(RocksFiles::isTable).toList();
        for (Path table : tables) {
            byte[] bytes = Files.readAllBytes(table);
            bytes[bytes.length / 2] ^= 1;
            Files.write(table, bytes);
        }
        try (ReopeningOutbox open = ReopeningOutbox.open(options(outbox), CLOCK)) {
            List<OutboxRecord> read = readAll(open);
            assertThat(read.size()).isGreaterThan(WRITTEN.size() - 16 * tables.size());
        }
    }

    @Test
    void epochFile_unreadable_doesNotStopTheStart() throws Exception {
        Path outbox = copy();
        Files.writeString(directory.resolve("outbox.epoch"), "\u0000\u0001 nonsense");
        Files.delete(outbox.resolve("CURRENT"));
        try (RocksOutbox open = RocksOutbox.open(options(outbox), CLOCK)) {
            assertThat(open.epoch()).isGreaterThan(epochOfPrepared());
        }
    }

    /** Stopped after any of its steps, it goes on at the next start. */
    @Test
    void salvage_brokenOff_goesOn() throws Exception {
        Path outbox = copy();
        Path quarantine = Files.createDirectories(Salvage.quarantineOf(outbox).resolve("0001"));
        Files.writeString(quarantine.resolve("unfinished"), "a test");
        int moved = 0;
        for (Path file : RocksFiles.in(outbox)) {
            if (moved++ % 2 == 0) {
                Files.move(file, quarantine.resolve(file.getFileName()));
            }
        }
        try (RocksOutbox open = RocksOutbox.open(options(outbox), CLOCK)) {
            assertThat(open.epoch()).isGreaterThan(epochOfPrepared());
            assertThat(open.stats().queuedReadings()).isGreaterThanOrEqualTo(WRITTEN.size() * 10L);
            assertThat(open.deadLetters(10)).hasSize(4);
        }
        assertThat(Salvage.unfinished(outbox)).isNull();
    }
}
