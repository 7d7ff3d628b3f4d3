package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class GroupCommitTest {
    private static final OutboxOptions OPTIONS = Outboxes.options(Path.of("unused"));

    @TempDir
    Path directory;

    private static Batch row(long time, double value) {
        return new BatchBuilder().row(Device.of("d"), time).set("c", value).build();
    }

    private static final class Answers implements Receipt {
        final AtomicInteger taken = new AtomicInteger();
        final List<Refusal> refused = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void taken() {
            taken.incrementAndGet();
        }

        @Override
        public void refused(Refusal refusal) {
            refused.add(refusal);
        }

        int all() {
            return taken.get() + refused.size();
        }
    }

    @Test
    void everyReadingIsTakenOrRefused_underAnOutboxThatFailsAtRandom() throws Exception {
        FlakyOutbox outbox = new FlakyOutbox(7, 0.3);
        GroupCommit commit = new GroupCommit(outbox, OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        Answers answers = new Answers();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    commit.take("test", row(i, i), Durability.SYNCED, answers);
                    if (i % 20 == 0) {
                        Thread.yield();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        commit.close();
        assertThat(answers.all()).isEqualTo(2000);
        assertThat(answers.refused).isNotEmpty().allMatch(each -> !each.isPermanent());
        assertThat(outbox.readings()).isEqualTo(answers.taken.get());
    }

    @Test
    void timesThatWait_areStampedOnArrival() throws Exception {
        FlakyOutbox outbox = new FlakyOutbox(1, 0);
        GroupCommit commit = new GroupCommit(outbox, OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        Answers answers = new Answers();
        long before = new SystemClock().wallNs();
        commit.take("test", row(Table.STAMP_ON_ARRIVAL, 1), Durability.SYNCED, answers);
        commit.take("test", row(42, 2), Durability.SYNCED, answers);
        await().until(() -> answers.taken.get() == 2);
        commit.close();
        List<Long> events = new ArrayList<>();
        for (EncodedBatch each : outbox.batches()) {
            for (Table table :
                    BatchCodec.decode(each.bytes(), BatchLimits.DEFAULT).tables()) {
                for (int row = 0; row < table.rows(); row++) {
                    events.add(table.eventTimes()[row]);
                    assertThat(table.edgeTimes()[row]).isGreaterThanOrEqualTo(before);
                }
            }
        }
        assertThat(events).hasSize(2).contains(42L);
        assertThat(events.stream().mapToLong(Long::longValue).max().orElseThrow())
                .isGreaterThanOrEqualTo(before);
    }

    @Test
    void whatCannotBeEncoded_isRefusedAlone() throws Exception {
        FlakyOutbox outbox = new FlakyOutbox(1, 0);
        GroupCommit commit = new GroupCommit(outbox, OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        Answers good = new Answers();
        Answers bad = new Answers();
        Batch poison =
                new BatchBuilder().row(Device.of("d"), 1).set("text", "\ud800").build();
        for (int i = 0; i < 20; i++) {
            commit.take("test", row(i, i), Durability.SYNCED, good);
            commit.take("test", poison, Durability.SYNCED, bad);
        }
        commit.close();
        assertThat(good.taken.get()).isEqualTo(20);
        assertThat(bad.refused).hasSize(20).allMatch(Refusal::isPermanent);
        assertThat(bad.refused.get(0).cause()).isEqualTo("unencodable");
        assertThat(outbox.readings()).isEqualTo(20);
    }

    @Test
    void tags_countAgainstTheSizeOfWhatIsTaken() throws Exception {
        GroupCommit commit =
                new GroupCommit(new FlakyOutbox(1, 0), OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        BatchBuilder builder = new BatchBuilder();
        for (int d = 0; d < 2000; d++) {
            Map<String, String> tags = new HashMap<>();
            for (int t = 0; t < Device.TAGS_MAX; t++) {
                tags.put("t" + t, "");
            }
            builder.row(new Device("d" + d, tags), 1).set("c", 1.0);
        }
        Answers answers = new Answers();
        commit.take("test", builder.build(), Durability.SYNCED, answers);
        commit.close();
        assertThat(answers.refused).hasSize(1).allMatch(each -> each.cause().equals("too-large"));
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void syncsOnlyWhatAsksForIt(Durability durability) {
        FlakyOutbox outbox = new FlakyOutbox(1, 0);
        GroupCommit commit = new GroupCommit(outbox, OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        Answers answers = new Answers();
        commit.take("test", row(1, 1), durability, answers);
        await().until(() -> answers.taken.get() == 1 && outbox.readings() == 1);
        assertThat(outbox.syncedAppends()).isEqualTo(durability == Durability.SYNCED ? 1 : 0);
        commit.close();
        assertThat(outbox.isSynced()).isTrue();
    }

    @Test
    void afterClose_refusesForLater() {
        GroupCommit commit =
                new GroupCommit(new FlakyOutbox(1, 0), OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        commit.close();
        Answers answers = new Answers();
        commit.take("test", row(1, 1), Durability.SYNCED, answers);
        assertThat(answers.refused).extracting(Refusal::cause).containsExactly("stopping");
        assertThat(answers.refused.get(0).isPermanent()).isFalse();
    }

    @Test
    void tooLarge_isRefusedForGood() {
        GroupCommit commit =
                new GroupCommit(new FlakyOutbox(1, 0), OPTIONS, new SystemClock(), () -> {}, new PrometheusRegistry());
        commit.start();
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 100_000; i++) {
            builder.row(Device.of("d"), i).set("c", (double) i);
        }
        Answers answers = new Answers();
        commit.take("test", builder.build(), Durability.SYNCED, answers);
        assertThat(answers.refused).extracting(Refusal::cause).containsExactly("too-large");
        assertThat(answers.refused.get(0).isPermanent()).isTrue();
        commit.close();
    }
}
