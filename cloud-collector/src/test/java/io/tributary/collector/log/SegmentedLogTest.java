package io.tributary.collector.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.partition.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups in files: what is appended is read, what is torn is cut off, what is damaged is told, the rest is served. */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class SegmentedLogTest {
    private static final LogPosition ZERO = new LogPosition(0, 0);
    private static final long SEGMENT = 64 << 10;

    @TempDir
    Path base;

    private final TreeMap<String, String> damaged = new TreeMap<>();
    private long sequence;

    private SegmentedLog open(LogPosition known) throws IOException {
        return SegmentedLog.open(base.resolve("log"), base.resolve("aside"), SEGMENT, known, damaged::put);
    }

    private LogRecord record(int bytes, long time) {
        byte[] batch = new byte[bytes];
        new Random(sequence).nextBytes(batch);
        LogRecord record = new LogRecord(
                new Origin("a", 1), sequence, 10, time, bytes == 0 ? 0 : 10, null, List.of(), 0, null, batch);
        sequence += 10;
        return record;
    }

    private static List<LogFrame> read(SegmentedLog log, long from) throws IOException {
        List<LogFrame> frames = new ArrayList<>();
        try (LogCursor cursor = log.cursor(from, log.end())) {
            for (LogFrame frame = cursor.next(); frame != null; frame = cursor.next()) {
                frames.add(frame);
            }
        }
        return frames;
    }

    private static List<Long> sequences(List<LogFrame> frames) {
        return frames.stream()
                .filter(frame -> frame.damage() == null && frame.record() != null)
                .map(frame -> frame.record().firstSequence())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(base.resolve("log"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void segment_hasGoldenBytes() throws IOException {
        try (SegmentedLog log = open(ZERO)) {
            log.append(List.of(new LogRecord(
                    new Origin("gw-7", 3),
                    5,
                    7,
                    1_700_000_000_000_000_000L,
                    0,
                    null,
                    List.of(),
                    0,
                    "full",
                    new byte[0])));
        }
        assertThat(files()).singleElement().matches(file -> file.endsWith("00000000000000000000.segment"));
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(files().get(0))))
                .isEqualTo(
                        "545249424c4f47010000000000000000000000000000000000002a36fe9c971723725fa0544c4f47518a75782100000001000000000000000000002a36fe9c97170467772d370305070004000466756c6c");
    }

    @Test
    void groups_areReadAgain_overFilesAndRestarts() throws IOException {
        Random random = new Random(1);
        List<LogPosition> positions = new ArrayList<>();
        SegmentedLog log = open(ZERO);
        for (int i = 0; i < 300; i++) {
            List<LogRecord> group = new ArrayList<>();
            for (int k = 0; k <= random.nextInt(3); k++) {
                group.add(record(random.nextInt(4) == 0 ? 0 : random.nextInt(2000), 1000 + sequence));
            }
            LogPosition[] at = log.append(group);
            positions.addAll(List.of(at).subList(0, at.length - 1));
            assertThat(log.newest()).isEqualTo(at[at.length - 1]);
            if (random.nextInt(30) == 0) {
                log.close();
                log = open(log.newest());
            }
        }
        assertThat(files().size()).isGreaterThan(2);
        List<LogFrame> frames = read(log, 0);
        assertThat(frames).hasSameSizeAs(positions);
        for (int i = 0; i < frames.size(); i++) {
            assertThat(new LogPosition(frames.get(i).number(), frames.get(i).position()))
                    .isEqualTo(positions.get(i));
        }
        int middle = frames.size() / 2;
        assertThat(sequences(read(log, frames.get(middle).position())).get(0)).isEqualTo(10L * middle);
        LogPosition end = log.newest();
        assertThat(log.at(1000 + 10L * middle - 3, end)).isEqualTo(positions.get(middle));
        assertThat(log.at(Long.MIN_VALUE, end)).isEqualTo(positions.get(0));
        assertThat(log.at(Long.MAX_VALUE, end)).isEqualTo(end);
        log.close();
        assertThat(damaged).isEmpty();
    }

    @Test
    void tornGroup_isCutOff_whateverIsLeftOfIt() throws IOException {
        LogPosition before;
        try (SegmentedLog log = open(ZERO)) {
            log.append(List.of(record(100, 1), record(50, 2)));
            before = log.newest();
            log.append(List.of(record(40, 3), record(30, 4)));
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        int begin = (int) before.position() + Segment.HEADER_BYTES;
        for (int length = begin; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            if (length % 2 == 0) { // pages reach a disk in any order
                torn = Arrays.copyOf(torn, whole.length);
            }
            if (length % 3 == 0) {
                torn = whole.clone();
                torn[begin + 5] ^= 1; // the first page of the group is missing, the second one is there
            }
            Files.write(file, torn);
            try (SegmentedLog log = open(before)) {
                assertThat(sequences(read(log, 0)).subList(0, 2)).containsExactly(0L, 10L);
                assertThat(read(log, 0).stream().allMatch(frame -> frame.damage() == null))
                        .isTrue();
                LogPosition[] at = log.append(List.of(record(10, 9)));
                assertThat(sequences(read(log, at[0].position()))).containsExactly(sequence - 10);
            }
        }
        assertThat(damaged).isEmpty();
        assertThat(base.resolve("aside")).isDirectoryContaining(kept -> true);
    }

    @Test
    void damage_isTold_andWhatLiesBehindItIsRead() throws IOException {
        try (SegmentedLog log = open(ZERO)) {
            for (int i = 0; i < 10; i++) {
                log.append(List.of(record(100, i)));
            }
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = whole.clone();
            int at = Segment.HEADER_BYTES + random.nextInt(bytes.length - Segment.HEADER_BYTES);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            boolean last = at >= Segment.HEADER_BYTES + (bytes.length - Segment.HEADER_BYTES) / 10 * 9;
            try (SegmentedLog log = open(ZERO)) {
                assertThat(sequences(read(log, 0))).hasSize(9);
                assertThat(read(log, 0).stream().filter(frame -> frame.damage() != null))
                        .hasSize(last ? 0 : 1);
            }
        }
        // What is known to have been fsynced is not cut off.
        byte[] bytes = whole.clone();
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        LogPosition known = new LogPosition(10, whole.length - Segment.HEADER_BYTES);
        try (SegmentedLog log = open(known)) {
            assertThat(log.newest()).isEqualTo(known);
            log.append(List.of(record(100, 20)));
            assertThat(sequences(read(log, 0))).hasSize(10).doesNotContain(90L).contains(100L);
        }
    }

    @Test
    void missingFilesAndHeaders_areTold_andTheRestIsRead() throws IOException {
        LogPosition end;
        try (SegmentedLog log = open(ZERO)) {
            for (int i = 0; i < 300; i++) {
                log.append(List.of(record(1000, i)));
            }
            end = log.newest();
        }
        List<Path> files = files();
        assertThat(files.size()).isGreaterThan(3);
        Files.delete(files.get(1));
        byte[] header = Files.readAllBytes(files.get(2));
        header[3] ^= 1;
        Files.write(files.get(2), header);
        try (SegmentedLog log = open(end)) {
            List<LogFrame> frames = read(log, 0);
            assertThat(frames.stream().filter(frame -> frame.damage() != null)).hasSize(1);
            assertThat(frames.size()).isBetween(200, 290);
            assertThat(log.newest()).isEqualTo(end);
        }
        assertThat(damaged).containsOnlyKeys(String.valueOf(files.get(2).getFileName()));
        for (Path file : files()) {
            Files.delete(file);
        }
        try (SegmentedLog log = open(end)) {
            assertThat(log.newest()).isEqualTo(end);
            log.append(List.of(record(10, 400)));
            assertThat(read(log, 0)).singleElement().matches(frame -> frame.number() == end.number());
        }
    }

    @Test
    void oldFiles_goUpToWhatIsNeeded_underAReader() throws IOException {
        try (SegmentedLog log = open(ZERO)) {
            for (int i = 0; i < 300; i++) {
                log.append(List.of(record(1000, i)));
            }
            try (LogCursor slow = log.cursor(0, log.end())) {
                slow.next();
                log.dropAbove(2 * SEGMENT, 100_000);
                assertThat(log.start()).isBetween(1L, 100_000L);
                log.dropAbove(2 * SEGMENT, log.end());
                assertThat(log.bytes()).isLessThan(2 * SEGMENT);
                List<LogFrame> frames = new ArrayList<>();
                for (LogFrame frame = slow.next(); frame != null; frame = slow.next()) {
                    frames.add(frame);
                }
                assertThat(frames.get(frames.size() - 1).next()).isEqualTo(log.end());
                assertThat(frames).allMatch(frame -> frame.damage() == null).hasSizeBetween(100, 200);
            }
            log.dropOlder(298, log.end());
            assertThat(read(log, 0)).isNotEmpty();
            log.dropOlder(299, log.end());
            assertThat(read(log, 0)).isEmpty();
            assertThat(log.start()).isEqualTo(log.end());
        }
    }
}
