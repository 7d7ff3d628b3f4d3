package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.collector.agents.Account;
import io.tributary.collector.partition.Origin;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Welcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A writer that fails at random under an agent that does what agents do: delivers until acknowledged, over as many
 * sessions as it takes, in any order, some of it twice. What is acknowledged must be stored, and what is stored must be
 * what was sent.
 */
class IngestDurabilityTest {
    private static final int BATCHES = 120;
    private static final int ROWS = 7;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void acknowledged_isStoredWhateverTheWriterDoes(long seed) {
        Random random = new Random(seed);
        Map<FakeBatchWriter.Key, Object> expected = new HashMap<>();
        TreeMap<Long, byte[]> outbox = new TreeMap<>();
        long next = fill(random, outbox, expected);
        long total = next;
        FakeBatchWriter writer = new FakeBatchWriter();
        Random faults = new Random(seed * 31);
        writer.setFault(() -> faults.nextInt(25) == 0 ? new IOException("injected") : null);
        int sessions = 0;
        try (IngestFixture fixture = new IngestFixture(writer, writer)) {
            while (!outbox.isEmpty()) {
                assertThat(++sessions).as("sessions, seed %d", seed).isLessThan(1_000);
                fixture.monotonicNs.addAndGet(TimeUnit.SECONDS.toNanos(2)); // past the pause after a failure
                try (TestAgent agent = new TestAgent(fixture.port())) {
                    agent.hello("a1", 1, total, outbox.firstKey());
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> agent.ended() || agent.heard().stream().anyMatch(m -> m.hasWelcome()));
                    if (agent.ended()) {
                        continue;
                    }
                    forget(outbox, received(agent.welcome()));
                    session(random, agent, outbox);
                    // Whatever was acknowledged must be in the store at this moment already.
                    List<SequenceRange> acknowledged = agent.acknowledged();
                    assertThat(covers(writer.received(new Origin("a1", 1)), acknowledged))
                            .as("acknowledged %s, seed %d", acknowledged, seed)
                            .isTrue();
                    forget(outbox, acknowledged);
                }
            }
            assertThat(writer.stored).as("seed %d", seed).isEqualTo(expected);
            Account account =
                    Objects.requireNonNull(fixture.directory.gaps("a1")).account();
            assertThat(account.accepted()).isEqualTo(total);
            assertThat(account.queued()).isZero();
            assertThat(account.addsUp()).as("%s, seed %d", account, seed).isTrue();
        } finally {
            writer.close();
        }
    }

    /** Delivers what is left in random order, a tenth of it twice, until all is acknowledged or the stream ends. */
    private static void session(Random random, TestAgent agent, TreeMap<Long, byte[]> outbox) {
        List<Map.Entry<Long, byte[]>> order = new ArrayList<>(outbox.entrySet());
        Collections.shuffle(order, random);
        for (Map.Entry<Long, byte[]> entry : order) {
            if (agent.ended()) {
                return;
            }
            agent.deliver(entry.getKey(), entry.getValue());
            if (random.nextInt(10) == 0) {
                agent.deliver(entry.getKey(), entry.getValue());
            }
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> agent.ended() || allAcknowledged(agent, outbox));
    }

    private static boolean allAcknowledged(TestAgent agent, TreeMap<Long, byte[]> outbox) {
        TreeMap<Long, byte[]> left = new TreeMap<>(outbox);
        forget(left, agent.acknowledged());
        return left.isEmpty();
    }

    private static void forget(TreeMap<Long, byte[]> outbox, List<SequenceRange> ranges) {
        outbox.keySet()
                .removeIf(first -> ranges.stream().anyMatch(range -> range.first() <= first && first < range.end()));
    }

    private static List<SequenceRange> received(Welcome welcome) {
        return welcome.getReceivedList().stream()
                .map(range -> new SequenceRange(range.getFirst(), range.getCount()))
                .toList();
    }

    private static boolean covers(List<SequenceRange> outer, List<SequenceRange> inner) {
        return inner.stream()
                .allMatch(range ->
                        outer.stream().anyMatch(each -> each.first() <= range.first() && range.end() <= each.end()));
    }

    private static long fill(Random random, TreeMap<Long, byte[]> outbox, Map<FakeBatchWriter.Key, Object> expected) {
        long next = 0;
        for (int i = 0; i < BATCHES; i++) {
            BatchBuilder builder = new BatchBuilder();
            for (int row = 0; row < ROWS; row++) {
                String device = "d" + random.nextInt(5);
                long time = IngestFixture.NOW_NS - 1_000_000L * (i * ROWS + row + 1L);
                double value = random.nextGaussian();
                builder.row(Device.of(device), time, time).set("x", value).set("n", next + row);
                expected.put(
                        new FakeBatchWriter.Key(device, "x", io.tributary.model.ValueType.DOUBLE, time),
                        Double.doubleToRawLongBits(value));
                expected.put(new FakeBatchWriter.Key(device, "n", io.tributary.model.ValueType.LONG, time), next + row);
            }
            long count = builder.readingCount();
            outbox.put(next, BatchCodec.encode(builder.build()));
            next += count;
        }
        return next;
    }

    @Test
    void collectorRestart_findsTheAgentWhereItWas() {
        FakeBatchWriter writer = new FakeBatchWriter();
        byte[] batch = IngestFixture.batch("d1", IngestFixture.NOW_NS - 1_000_000_000_000L, 10);
        try (IngestFixture before = new IngestFixture(writer, writer);
                TestAgent agent = TestAgent.greeted(before.port(), "a1", 1, 40)) {
            agent.deliver(0, batch);
            agent.awaitAcknowledged(0, 20);
        }
        try (IngestFixture after = new IngestFixture(writer, writer);
                TestAgent agent = TestAgent.greeted(after.port(), "a1", 1, 40)) {
            assertThat(received(agent.welcome())).containsExactly(new SequenceRange(0, 20));
            agent.deliver(0, batch);
            agent.deliver(20, batch);
            agent.awaitAcknowledged(0, 40);
            Account account = Objects.requireNonNull(after.directory.gaps("a1")).account();
            assertThat(account.redelivered()).isEqualTo(20);
            assertThat(account.duplicate()).isEqualTo(20);
            assertThat(account.addsUp()).isTrue();
        } finally {
            writer.close();
        }
    }
}
