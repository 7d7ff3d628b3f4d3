package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.agent.clock.ClockStamp;
import io.tributary.agent.clock.ManualClock;
import io.tributary.config.ByteSize;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when the outbox is at its limit. */
final class RoomTest {
    private static final ByteSize SMALL = new ByteSize(8 << 20);
    private static final long SECOND = 1_000_000_000L;
    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    private RocksOutbox open(WhenFull whenFull, List<ChannelClass> classes) throws Exception {
        return RocksOutbox.open(Outboxes.options(directory.resolve("outbox"), SMALL, whenFull, null, classes), clock);
    }

    private static EncodedBatch noise(SplittableRandom random, int bytes, int priority) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return new EncodedBatch(10, 1, 2, 3, content, priority, false);
    }

    /** 60 rows of a noisy channel, a second apart. */
    private static EncodedBatch minute(SplittableRandom random, int minute) {
        BatchBuilder builder = new BatchBuilder();
        Device device = Device.of("d");
        long first = minute * 60L * SECOND;
        for (int i = 0; i < 60; i++) {
            builder.row(device, first + i * SECOND, first)
                    .set("t", random.nextDouble())
                    .set("n", random.nextLong());
        }
        return new EncodedBatch(120, first, first + 59 * SECOND, first, BatchCodec.encode(builder.build()));
    }

    @Test
    void refuse_takesNothingMore_andKeepsAll() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        try (RocksOutbox outbox = open(WhenFull.REFUSE, List.of())) {
            assertThatThrownBy(() -> {
                        while (true) {
                            outbox.append(List.of(noise(random, 64 << 10, 4)), List.of(), false);
                        }
                    })
                    .isInstanceOf(OutboxFullException.class)
                    .hasMessageContaining("outbox.max-bytes 8MiB");
            OutboxStats stats = outbox.stats();
            assertThat(stats.queuedReadings()).isEqualTo(stats.nextSequence());
            assertThat(stats.queuedBytes()).isGreaterThan(2 << 20);

            outbox.free(outbox.epoch(), List.of(new SequenceRange(0, stats.nextSequence() / 2)));
            outbox.append(List.of(noise(random, 64 << 10, 4)), List.of(), false);
        }
    }

    /** Files of the directory never take more, whatever is written, freed and evicted. */
    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void maxBytes_holdsForAllFiles(WhenFull whenFull) throws Exception {
        SplittableRandom random = new SplittableRandom(2);
        Path path = directory.resolve("outbox");
        long accepted = 0;
        long freed = 0;
        try (RocksOutbox outbox = open(whenFull, List.of())) {
            for (int i = 0; i < 700; i++) {
                try {
                    outbox.append(
                            List.of(noise(random, random.nextInt(1, 64 << 10), 4)),
                            i % 10 == 0 ? List.of(new DeadLetter(i, "s", "c", "d", new byte[4 << 10])) : List.of(),
                            i % 30 == 0);
                    accepted += 10;
                } catch (OutboxFullException e) {
                    assertThat(whenFull).isEqualTo(WhenFull.REFUSE);
                }
                if (random.nextInt(200) == 0) {
                    OutboxStats before = outbox.stats();
                    long end = before.oldestSequence() + before.queuedReadings() / 20 * 10;
                    outbox.free(outbox.epoch(), List.of(new SequenceRange(0, Math.max(1, end))));
                    freed += before.queuedReadings() - outbox.stats().queuedReadings();
                }
                if (i % 7 == 0) {
                    assertThat(DiskUse.bytes(path, true)).as("step %d", i).isLessThanOrEqualTo(SMALL.bytes());
                }
            }
            OutboxStats stats = outbox.stats();
            assertThat(accepted).isEqualTo(stats.nextSequence());
            assertThat(stats.queuedReadings() + freed + stats.evictedReadings()).isEqualTo(accepted);
            if (whenFull != WhenFull.REFUSE) {
                assertThat(stats.evictions().full()).isPositive();
                assertThat(outbox.losses(1 << 20).stream()
                                .mapToLong(each -> each.range().count())
                                .sum())
                        .isEqualTo(stats.evictedReadings());
            }
        }
    }

    @Test
    void dropOldest_takesTheLowestClassFirst() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        try (RocksOutbox outbox = open(WhenFull.DROP_OLDEST, List.of())) {
            TreeSet<Long> low = new TreeSet<>();
            TreeSet<Long> others = new TreeSet<>();
            long next = 0;
            while (outbox.stats().evictions().full() == 0) {
                int priority = new int[] {1, 4, 6}[random.nextInt(3)];
                outbox.append(List.of(noise(random, 32 << 10, priority)), List.of(), false);
                (priority == 1 ? low : others).add(next);
                next += 10;
            }
            while (outbox.stats().evictedReadings() < low.size() * 5L) {
                outbox.append(List.of(noise(random, 32 << 10, 6)), List.of(), false);
                others.add(next);
                next += 10;
            }
            outbox.sync();
            TreeSet<Long> kept = new TreeSet<>();
            outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).forEach(each -> kept.add(each.firstSequence()));
            assertThat(kept).containsAll(others);
            for (LostRange lost : outbox.losses(1000)) {
                for (long first = lost.range().first(); first < lost.range().end(); first += 10) {
                    assertThat(low.pollFirst()).isEqualTo(first);
                }
            }
            assertThat(kept).containsAll(low);
        }
    }

    @Test
    void thin_keepsTheShapeOfWhatIsOldest_markedAsSuch() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        try (RocksOutbox outbox = open(WhenFull.THIN, List.of())) {
            int minutes = 0;
            while (outbox.stats().evictions().thinned() < 10_000) {
                outbox.append(List.of(minute(random, minutes++)), List.of(), false);
            }
            outbox.sync();
            OutboxStats stats = outbox.stats();
            assertThat(stats.evictions().full()).isZero();
            assertThat(stats.nextSequence())
                    .isEqualTo(minutes * 120L + stats.evictions().summaries());
            assertThat(stats.queuedReadings())
                    .isEqualTo(stats.nextSequence() - stats.evictions().thinned());
            // Six readings stand for 120 of a minute.
            assertThat(stats.evictions().summaries())
                    .isEqualTo(stats.evictions().thinned() / 20);
            assertThat(outbox.losses(10)).extracting(LostRange::cause).containsOnly("thinned");

            OutboxRecord summary = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).stream()
                    .filter(each -> each.batch().thinned())
                    .findFirst()
                    .orElseThrow();
            Batch batch = BatchCodec.decode(summary.batch().bytes(), BatchLimits.DEFAULT);
            assertThat(batch.channels())
                    .extracting(channel -> channel.name())
                    .containsExactlyInAnyOrder("t", "t.min", "t.max", "n", "n.min", "n.max");
            assertThat(summary.batch().oldestEventTimeNs()).isZero();
            for (Table table : batch.tables()) {
                assertThat(table.columns()[0].qualityAt(0)).isEqualTo(0x43);
                assertThat(table.eventTimes()[0]).isZero();
            }
        }
    }

    @Test
    void thin_goesOnAfterARestart() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        int minutes = 0;
        for (int start = 0; start < 3; start++) {
            try (RocksOutbox outbox = open(WhenFull.THIN, List.of())) {
                long thinned = outbox.stats().evictions().thinned();
                while (outbox.stats().evictions().thinned() < thinned + 5_000) {
                    outbox.append(List.of(minute(random, minutes++)), List.of(), false);
                }
                OutboxStats stats = outbox.stats();
                assertThat(stats.queuedReadings() + stats.evictedReadings()).isEqualTo(stats.nextSequence());
                assertThat(stats.evictions().full()).isZero();
            }
        }
    }

    /** Random bytes, which nobody can thin, taken at a time. */
    private static EncodedBatch unthinnable(SplittableRandom random, int bytes, long edgeNs) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return new EncodedBatch(10, edgeNs, edgeNs, edgeNs, content);
    }

    @Test
    void thin_whenAllOldIsThinned_dropsTheOldest_andKeepsTheNewest() throws Exception {
        SplittableRandom random = new SplittableRandom(6);
        try (RocksOutbox outbox = open(WhenFull.THIN, List.of())) {
            int minute = 0;
            while (outbox.stats().evictions().thinned() < 5_000) {
                outbox.append(List.of(minute(random, minute++)), List.of(), false);
            }
            int firstUnthinnable = minute;
            // Summaries are the oldest: they go first, though they stand behind what is younger. Then the others.
            for (int i = 0; i < 300; i++) {
                outbox.append(List.of(unthinnable(random, 32 << 10, minute++ * 60L * SECOND)), List.of(), false);
            }
            outbox.sync();
            List<Long> kept = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).stream()
                    .map(each -> each.batch().edgeTimeNs() / 60 / SECOND)
                    .sorted()
                    .toList();
            long oldest = kept.get(0);
            assertThat(oldest).isGreaterThan(firstUnthinnable);
            assertThat(kept)
                    .containsExactlyElementsOf(java.util.stream.LongStream.range(oldest, minute)
                            .boxed()
                            .toList());
            OutboxStats stats = outbox.stats();
            assertThat(stats.queuedReadings() + stats.evictedReadings()).isEqualTo(stats.nextSequence());
        }
    }

    /** One reading every ten seconds: alone no batch is worth thinning, many together are. */
    @Test
    void thin_ofBatchesThatComeOneByOne_waitsForEnoughOfThem() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        try (RocksOutbox outbox = open(WhenFull.THIN, List.of())) {
            while (outbox.stats().evictions().full() == 0) {
                List<EncodedBatch> many = new java.util.ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    many.add(unthinnable(random, 300, 1));
                }
                outbox.append(many, List.of(), false);
            }
            Device device = Device.of("d");
            long at = 0;
            while (outbox.stats().evictions().thinned() == 0) {
                assertThat(at).as("ten seconds of them").isLessThan(10_000);
                long event = 1_000 * SECOND + at++ * 10 * SECOND;
                Batch one = new BatchBuilder()
                        .row(device, event, event)
                        .set("t", random.nextDouble())
                        .build();
                outbox.append(
                        List.of(new EncodedBatch(1, event, event, event, BatchCodec.encode(one))), List.of(), false);
            }
            outbox.sync();
            // What is youngest is all there, as it came.
            long end = outbox.stats().nextSequence();
            assertThat(outbox.read(end - 5, end, Long.MAX_VALUE)).isNotEmpty();
            // Six readings of a minute have become three.
            OutboxStats stats = outbox.stats();
            assertThat(stats.evictions().thinned()).isGreaterThan(500);
            assertThat(stats.evictions().summaries())
                    .isBetween(
                            stats.evictions().thinned() / 2, stats.evictions().thinned() / 2 + 6);
        }
    }

    /** A box without a clock: its times are right among each other, as long as it is not booted anew. */
    @Test
    void thin_ofUncertainBatches_keepsTheirStamp_andBootsApart() throws Exception {
        SplittableRandom random = new SplittableRandom(8);
        Device device = Device.of("d");
        try (RocksOutbox outbox = open(WhenFull.THIN, List.of())) {
            for (int i = 0; outbox.stats().evictions().thinned() < 10_000; i++) {
                assertThat(outbox.stats().evictions().full())
                        .as("dropped before it was thinned")
                        .isZero();
                List<EncodedBatch> many = new java.util.ArrayList<>();
                for (int j = 0; j < 200; j++) {
                    long monotonic = (i * 200L + j) * 10 * SECOND;
                    int boot = 1 + i / 4; // 800 batches each: not a run
                    long wall = monotonic + boot * 1_000 * SECOND;
                    Batch one = new BatchBuilder()
                            .row(device, wall, wall)
                            .set("t", random.nextDouble())
                            .build();
                    many.add(new EncodedBatch(
                            1,
                            wall,
                            wall,
                            wall,
                            BatchCodec.encode(one),
                            ChannelClass.DEFAULT_PRIORITY,
                            false,
                            new ClockStamp(boot, wall, monotonic)));
                }
                outbox.append(many, List.of(), false);
            }
            outbox.sync();
            List<OutboxRecord> summaries = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).stream()
                    .filter(each -> each.batch().thinned())
                    .toList();
            assertThat(summaries).hasSizeGreaterThan(5);
            int boot = 0;
            for (OutboxRecord summary : summaries) {
                EncodedBatch batch = summary.batch();
                assertThat(Objects.requireNonNull(batch.uncertain()).boot()).isEqualTo(++boot);
                assertThat(batch.uncertain().wallNs()).isEqualTo(batch.oldestEventTimeNs());
                assertThat(batch.newestEventTimeNs() - batch.oldestEventTimeNs())
                        .isLessThan(800 * 10 * SECOND);
            }
            OutboxStats stats = outbox.stats();
            assertThat(stats.queuedReadings() + stats.evictedReadings()).isEqualTo(stats.nextSequence());
        }
    }

    @Test
    void mean_isThatOfTheReadings_andFewReadingsStay() {
        BatchBuilder builder = new BatchBuilder();
        Device device = Device.of("d");
        for (int i = 0; i < 10; i++) {
            builder.row(device, i * SECOND, 7).set("t", i * 1.5).set("ok", i % 2 == 0);
        }
        builder.row(device, 61 * SECOND, 8).set("t", 100.0);
        Batch thinned = Objects.requireNonNull(new Thinner(60 * SECOND).thin(List.of(builder.build())));

        Batch expected = new BatchBuilder()
                .row(device, 0, 7)
                .set(io.tributary.model.Channel.of("t", io.tributary.model.ValueType.DOUBLE), 6.75, 0x43)
                .set(io.tributary.model.Channel.of("t.min", io.tributary.model.ValueType.DOUBLE), 0.0, 0x43)
                .set(io.tributary.model.Channel.of("t.max", io.tributary.model.ValueType.DOUBLE), 13.5, 0x43)
                .row(device, 0, 7)
                .set(io.tributary.model.Channel.of("ok", io.tributary.model.ValueType.BOOL), false, 0x43)
                .row(device, 61 * SECOND, 8)
                .set("t", 100.0)
                .build();
        assertThat(BatchCodec.encode(thinned)).isEqualTo(BatchCodec.encode(expected));
    }

    @Test
    void classes_splitABatchByPriority() {
        ChannelClasses classes = new ChannelClasses(List.of(
                new ChannelClass(List.of("alarm*"), List.of("*"), 7),
                new ChannelClass(List.of("*"), List.of("chatty-*"), 0)));
        Batch batch = new BatchBuilder()
                .row(Device.of("a"), 1, 1)
                .set("t", 1.0)
                .set("alarm.high", true)
                .row(Device.of("chatty-1"), 2, 1)
                .set("t", 2.0)
                .build();
        Batch[] parts = classes.split(batch);
        assertThat(parts[7].readingCount()).isEqualTo(1);
        assertThat(parts[4].readingCount()).isEqualTo(1);
        assertThat(parts[0].readingCount()).isEqualTo(1);
        assertThat(parts[0].devices()).containsExactly(Device.of("chatty-1"));
    }

    @Test
    void tooSmall_isRefusedWithWhatIsNeeded() {
        assertThatThrownBy(
                        () -> Outboxes.options(directory, new ByteSize(2 << 20), WhenFull.REFUSE, Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at least 6MiB");
    }
}
