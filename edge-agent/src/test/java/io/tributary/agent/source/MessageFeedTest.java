package io.tributary.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.agent.clock.ManualClock;
import io.tributary.model.Batch;
import io.tributary.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageFeedTest {
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final MessageReader reader = NumberDecoder.reader();
    private final ArrivalStamps stamps = new ArrivalStamps(new ManualClock());
    private final List<String> fates = new CopyOnWriteArrayList<>();
    private FlakyIntake intake = new FlakyIntake(1, 0);

    @AfterEach
    void close() {
        executor.shutdownNow();
        intake.close();
    }

    private MessageFeeds feeds(long bytesMax) {
        return new MessageFeeds("test", Durability.SYNCED, intake, executor, bytesMax);
    }

    private void add(MessageFeed feed, String payload, boolean sentAgain) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        feed.add(
                reader.read("in/d/c", bytes),
                bytes,
                stamps.next(),
                sentAgain,
                (outcome, cause, detail) -> fates.add(payload + " " + outcome + (cause.isEmpty() ? "" : " " + cause)));
    }

    private void run(Runnable task) {
        CompletableFuture.runAsync(task, executor).join();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyMessage_hasOneFateInOrder_throughAnIntakeThatRefuses(long seed) {
        intake = new FlakyIntake(seed, 0.4);
        intake.refuseForGood(batch -> NumberDecoderBatch.has(batch, 77) || NumberDecoderBatch.has(batch, 78));
        MessageFeed feed = feeds(1 << 20).feed(() -> {});
        SplittableRandom random = new SplittableRandom(seed);
        List<String> expected = new ArrayList<>();
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < 400; ) {
            int until = Math.min(400, i + random.nextInt(1, 30));
            int from = i;
            run(() -> {
                for (int j = from; j < until; j++) {
                    add(feed, j % 50 == 13 ? "x" + j : String.valueOf(j), true);
                }
                feed.submit();
            });
            i = until;
        }
        for (int i = 0; i < 400; i++) {
            if (i % 50 == 13) {
                expected.add("x" + i + " LETTERED malformed-payload");
            } else if (i == 77 || i == 78) {
                expected.add(i + " LETTERED too-large");
            } else {
                expected.add(i + " TAKEN");
                taken.add((long) i);
            }
        }
        await().until(() -> fates.size() == 400);
        assertThat(fates).isEqualTo(expected);
        assertThat(NumberDecoder.values(intake)).isEqualTo(taken);
        assertThat(intake.letters()).hasSize(10);
        run(() -> {
            assertThat(feed.size()).isZero();
            assertThat(feed.bytes()).isZero();
            assertThat(feed.isRefused()).isFalse();
        });
    }

    @Test
    void messagesWithoutTime_getTimesOfTheirOwn() {
        MessageFeed feed = feeds(1 << 20).feed(() -> {});
        run(() -> {
            LongStream.range(0, 100).forEach(i -> add(feed, String.valueOf(i), true));
            feed.submit();
        });
        await().until(() -> fates.size() == 100);
        Set<Long> times = new HashSet<>();
        for (Batch batch : intake.taken()) {
            for (Table table : batch.tables()) {
                LongStream.of(table.eventTimes()).limit(table.rows()).forEach(times::add);
            }
        }
        assertThat(times).hasSize(100);
    }

    @Test
    void abandoned_dropsWhatIsSentAgain_andKeepsTheRest() {
        intake.refusals(1);
        MessageFeeds feeds = feeds(1 << 20);
        MessageFeed feed = feeds.feed(() -> {});
        run(() -> {
            add(feed, "1", true);
            add(feed, "2", false);
            feed.submit();
            add(feed, "3", true);
            add(feed, "4", false);
            feed.abandon();
        });
        intake.refusals(0);
        await().until(() -> fates.size() == 4);
        assertThat(fates).containsExactlyInAnyOrder("1 ABANDONED", "2 TAKEN", "3 ABANDONED", "4 TAKEN");
        assertThat(NumberDecoder.values(intake)).containsExactly(2L, 4L);
        assertThat(feeds.bytes()).isZero();
    }

    @Test
    void full_tellsThoseThatWaitWhenThereIsRoom() {
        intake.refusals(1);
        MessageFeeds feeds = feeds(400);
        List<String> resumed = new ArrayList<>();
        MessageFeed feed = feeds.feed(() -> {});
        run(() -> {
            add(feed, "1", true);
            add(feed, "2", true);
            assertThat(feeds.isFull()).isFalse();
            add(feed, "3", true);
            add(feed, "4", true);
            assertThat(feeds.isFull()).isTrue();
            feeds.whenRoom(() -> resumed.add("room"));
            feed.submit();
        });
        intake.refusals(0);
        await().until(() -> fates.size() == 4);
        run(() -> assertThat(resumed).containsExactly("room"));
    }

    @Test
    void faultOfTheDecoder_isADeadLetter() {
        MessageReader.Result read = reader.read("in/d/c", NumberDecoder.BUG.getBytes(StandardCharsets.UTF_8));
        assertThat(read.batch()).isNull();
        assertThat(read.cause()).isEqualTo(MessageReader.DECODER_FAULT);
        assertThat(reader.read("other", new byte[0]).cause()).isEqualTo(MessageReader.UNKNOWN_TOPIC);
        assertThat(reader.read("in/\u0001/c", "1".getBytes(StandardCharsets.UTF_8))
                        .cause())
                .isEqualTo(MessageReader.MALFORMED);
    }

    /** Looks into batches of {@link NumberDecoder}. */
    private static final class NumberDecoderBatch {
        static boolean has(Batch batch, long value) {
            return batch.tables().stream()
                    .flatMap(table -> java.util.Arrays.stream(table.columns()))
                    .anyMatch(column ->
                            LongStream.of(column.longs()).limit(column.size()).anyMatch(each -> each == value));
        }
    }
}
