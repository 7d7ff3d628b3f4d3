package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.agent.clock.ManualClock;
import io.tributary.config.ByteSize;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RocksOutboxTest {
    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    private RocksOutbox open() throws IOException {
        return RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock);
    }

    @Test
    void append_numbersReadingsFromZero() throws Exception {
        try (RocksOutbox outbox = open()) {
            outbox.append(List.of(Outboxes.batch(3, 10), Outboxes.batch(2, 20)), List.of(), true);
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::range)
                    .containsExactly(new SequenceRange(0, 3), new SequenceRange(3, 2));
            assertThat(outbox.stats().nextSequence()).isEqualTo(5);
            assertThat(outbox.stats().oldestEdgeTimeNs()).isEqualTo(10);
        }
    }

    @Test
    void read_waitsForTheSync() throws Exception {
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory), clock)) {
            outbox.append(List.of(Outboxes.batch(3, 1)), List.of(), true);
            outbox.append(List.of(Outboxes.batch(4, 2)), List.of(), false);
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L);
            assertThat(outbox.stats().nextSequence()).isEqualTo(7);

            outbox.sync();
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L, 3L);

            outbox.append(List.of(Outboxes.batch(5, 3)), List.of(), false);
            outbox.append(List.of(Outboxes.batch(6, 4)), List.of(), false);
            outbox.evictBefore(4); // is told to the collector, so it takes its sequences for good
            assertThat(outbox.losses(9)).extracting(LostRange::range).containsExactly(new SequenceRange(0, 12));
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(12L);
        }
    }

    @Test
    void read_givesTheBytesThatWereAppended() throws Exception {
        EncodedBatch batch = Outboxes.batch(7, 99);
        try (RocksOutbox outbox = open()) {
            outbox.append(List.of(batch), List.of(), true);
        }
        try (RocksOutbox outbox = open()) {
            OutboxRecord read = outbox.read(0, Long.MAX_VALUE, 1).get(0);
            assertThat(read.batch()).usingRecursiveComparison().isEqualTo(batch);
        }
    }

    @Test
    void reopen_keepsEpochAndCounters() throws Exception {
        long epoch;
        try (RocksOutbox outbox = open()) {
            epoch = outbox.epoch();
            outbox.append(List.of(Outboxes.batch(3, 10), Outboxes.batch(2, 20)), List.of(), true);
            outbox.free(outbox.epoch(), List.of(new SequenceRange(0, 3)));
        }
        try (RocksOutbox outbox = open()) {
            OutboxStats stats = outbox.stats();
            assertThat(stats.epoch()).isEqualTo(epoch);
            assertThat(stats.nextSequence()).isEqualTo(5);
            assertThat(stats.oldestSequence()).isEqualTo(3);
            assertThat(stats.queuedReadings()).isEqualTo(2);
            assertThat(stats.queuedBatches()).isEqualTo(1);
        }
    }

    @Test
    void freshOutbox_hasALargerEpoch_evenWithAClockThatWentBack() throws Exception {
        long first;
        try (RocksOutbox outbox = open()) {
            first = outbox.epoch();
        }
        try (Stream<Path> files = Files.list(directory.resolve("outbox"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        clock.setWall(1_000_000_000L);
        try (RocksOutbox outbox = open()) {
            assertThat(outbox.epoch()).isGreaterThan(first);
        }
    }

    @Test
    void free_leavesBatchesThatReachBeyondTheRange() throws Exception {
        try (RocksOutbox outbox = open()) {
            outbox.append(List.of(Outboxes.batch(3, 1), Outboxes.batch(3, 2), Outboxes.batch(3, 3)), List.of(), true);
            outbox.free(outbox.epoch(), List.of(new SequenceRange(2, 5)));
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L, 6L);
            outbox.free(outbox.epoch(), List.of(new SequenceRange(0, 9)));
            assertThat(outbox.stats().queuedReadings()).isZero();
            assertThat(outbox.stats().oldestSequence()).isEqualTo(9);
        }
    }

    @Test
    void free_writesNothingUntilTheNextAppend() throws Exception {
        Path at = directory.resolve("outbox");
        try (RocksOutbox outbox = open()) {
            outbox.append(List.of(Outboxes.batch(3, 1), Outboxes.batch(3, 2), Outboxes.batch(3, 3)), List.of(), true);
            long before = logBytes(at);
            outbox.free(outbox.epoch(), List.of(new SequenceRange(3, 3)));
            outbox.free(outbox.epoch(), List.of(new SequenceRange(3, 3)));
            assertThat(logBytes(at)).isEqualTo(before);
            assertThat(outbox.stats().queuedReadings()).isEqualTo(6);
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L, 6L);
            outbox.append(List.of(Outboxes.batch(3, 4)), List.of(), true);
            outbox.keepFiles();
            copyFiles(at, directory.resolve("copy"));
        }
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("copy")), clock)) {
            assertThat(outbox.stats().queuedReadings()).isEqualTo(9);
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L, 6L, 9L);
        }
    }

    private static long logBytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                bytes += Files.size(log);
            }
        }
        return bytes;
    }

    @Test
    void maxAge_evictsWhatWasTakenBefore() throws Exception {
        try (RocksOutbox outbox = RocksOutbox.open(
                Outboxes.options(
                        directory.resolve("outbox"), new ByteSize(8 << 20), WhenFull.REFUSE, Duration.ofSeconds(1)),
                clock)) {
            outbox.append(
                    List.of(Outboxes.batch(3, 100), Outboxes.batch(3, 200), Outboxes.batch(3, 300)), List.of(), true);
            outbox.evictBefore(250);
            assertThat(outbox.losses(10))
                    .containsExactly(new LostRange(outbox.epoch(), new SequenceRange(0, 6), "max-age"));
            assertThat(outbox.stats().queuedReadings()).isEqualTo(3);
        }
    }

    @Test
    void deadLetters_areKeptInOrder_andTheOldestGoFirst() throws Exception {
        try (RocksOutbox outbox = open()) {
            for (int i = 0; i < 600; i++) {
                outbox.append(
                        List.of(),
                        List.of(new DeadLetter(i, "tcp", "malformed-line", "line " + i, new byte[4 << 10])),
                        false);
            }
            List<DeadLetter> kept = outbox.deadLetters(1000);
            assertThat(kept).hasSizeBetween(200, 256);
            assertThat(kept.get(kept.size() - 1).detail()).isEqualTo("line 599");
            assertThat(kept).extracting(DeadLetter::timeNs).isSorted();
        }
    }

    @Test
    void open_inUse_saysSo() throws Exception {
        try (RocksOutbox outbox = open()) {
            assertThat(outbox.epoch()).isPositive();
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
        }
    }

    @Test
    void open_unwritable_saysSo() throws Exception {
        Path file = Files.writeString(directory.resolve("outbox"), "not a directory");
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining(file.toString());
    }

    /** Random operations against a map; now and then the process "dies": a copy of the files is opened instead. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void behavesLikeAMap(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<Long, EncodedBatch> model = new TreeMap<>();
        TreeMap<Long, EncodedBatch> freedSinceWrite = new TreeMap<>();
        long next = 0;
        int copies = 0;
        Path at = directory.resolve("outbox");
        RocksOutbox outbox = RocksOutbox.open(Outboxes.options(at), clock);
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4 -> {
                    List<EncodedBatch> batches = new ArrayList<>();
                    for (int i = random.nextInt(1, 4); i > 0; i--) {
                        EncodedBatch batch = Outboxes.batch(random.nextInt(1, 50), step);
                        batches.add(batch);
                        model.put(next, batch);
                        next += batch.readings();
                    }
                    outbox.append(batches, List.of(), true);
                    freedSinceWrite.clear();
                }
                case 5, 6, 7 -> {
                    long first = random.nextLong(next + 1);
                    long end = first + random.nextLong(200) + 1;
                    outbox.free(outbox.epoch(), List.of(SequenceRange.between(first, end)));
                    model.forEach((begin, batch) -> {
                        if (begin >= first && begin + batch.readings() <= end) {
                            freedSinceWrite.put(begin, batch);
                        }
                    });
                    model.keySet().removeAll(freedSinceWrite.keySet());
                }
                case 8 -> {
                    outbox.close();
                    freedSinceWrite.clear();
                    outbox = RocksOutbox.open(Outboxes.options(at), clock);
                }
                default -> {
                    model.putAll(freedSinceWrite); // need not survive a crash
                    freedSinceWrite.clear();
                    Path copy = directory.resolve("copy-" + copies++);
                    outbox.keepFiles();
                    copyFiles(at, copy);
                    outbox.close();
                    at = copy;
                    outbox = RocksOutbox.open(Outboxes.options(at), clock);
                }
            }
            check(outbox, model, next);
        }
        outbox.close();
    }

    private static void check(RocksOutbox outbox, TreeMap<Long, EncodedBatch> model, long next) throws OutboxException {
        OutboxStats stats = outbox.stats();
        assertThat(stats.nextSequence()).isEqualTo(next);
        assertThat(stats.queuedBatches()).isEqualTo(model.size());
        assertThat(stats.queuedReadings())
                .isEqualTo(model.values().stream()
                        .mapToLong(EncodedBatch::readings)
                        .sum());
        assertThat(stats.queuedBytes())
                .isEqualTo(model.values().stream()
                        .mapToLong(each -> each.bytes().length)
                        .sum());
        assertThat(stats.oldestSequence()).isEqualTo(model.isEmpty() ? next : model.firstKey());
        assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                .extracting(OutboxRecord::firstSequence)
                .containsExactlyElementsOf(model.keySet());
    }

    /**
     * The manifest first, and only then a look at what is there: everything it names, as no file is deleted meanwhile. What
     * was obsolete before may still be on its way out; if the manifest named it, the copy would not open.
     */
    private static void copyFiles(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Predicate<Path> manifest = file -> file.getFileName().toString().matches("CURRENT|MANIFEST.*");
        copyFiles(from, to, manifest);
        copyFiles(from, to, manifest.negate().and(file -> !file.endsWith("LOCK")));
    }

    private static void copyFiles(Path from, Path to, Predicate<Path> which) throws IOException {
        List<Path> there;
        try (Stream<Path> files = Files.list(from)) {
            there = files.filter(which).toList();
        }
        for (Path file : there) {
            try {
                Files.copy(file, to.resolve(file.getFileName()));
            } catch (NoSuchFileException e) {
                assertThat(file.toString()).endsWith(".sst");
            }
        }
    }
}
