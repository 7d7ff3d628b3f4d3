package io.tributary.collector.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.AccountReader;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.storage.StateStore;
import io.tributary.model.SequenceRange;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class AgentDirectoryTest {
    private static final long SECOND = 1_000_000_000L;

    private final Map<Origin, OriginAccount> held =
            new TreeMap<>(Comparator.comparing(Origin::agent).thenComparing(Origin::epoch));
    private final Map<String, byte[]> saved = new TreeMap<>();

    private final AccountReader accounts = new AccountReader() {
        @Override
        public List<Origin> origins() {
            return List.copyOf(held.keySet());
        }

        @Override
        public OriginAccount account(Origin origin) {
            return held.getOrDefault(origin, new OriginAccount(List.of(), Map.of(), Map.of(), 0, 0, 0, 0));
        }
    };

    private final StateStore store = new StateStore() {
        @Override
        public void forEach(BiConsumer<String, byte[]> each) {
            saved.forEach(each);
        }

        @Override
        public void put(String name, byte[] value) {
            saved.put(name, value);
        }

        @Override
        public void putSynced(String name, byte[] value) {
            put(name, value);
        }

        @Override
        public void remove(String name) {
            saved.remove(name);
        }
    };

    @Test
    void restart_keepsAgentsEpochsAndStatus() {
        AgentStatus status = status(5 * SECOND, 100, 40);
        AgentSummary before;
        try (AgentDirectory directory = started()) {
            directory.connect(hello(1, 50, 0), SECOND).close(2 * SECOND);
            AgentLink link = directory.connect(hello(2, 100, 60), 3 * SECOND);
            link.status(status);
            link.close(6 * SECOND);
            before = agent(directory, "a1");
        }
        try (AgentDirectory directory = started()) {
            assertThat(directory.agents()).containsExactly(before);
            assertThat(before.status()).isEqualTo(status);
            assertThat(before.epochs()).extracting(EpochSummary::epoch).containsExactly(1L, 2L);
            assertThat(before.connected()).isFalse();
        }
    }

    @Test
    void account_sumsEpochsAndShowsWhatTheLostOutboxHeld() {
        try (AgentDirectory directory = started()) {
            directory.connect(hello(1, 50, 0), SECOND);
            directory.connect(hello(2, 10, 0), 2 * SECOND);
            held.put(new Origin("a1", 1), received(30));
            GapReport gaps = Objects.requireNonNull(directory.gaps("a1"));
            assertThat(gaps.account().accepted()).isEqualTo(60);
            assertThat(gaps.account().missing()).isEqualTo(20);
            assertThat(gaps.account().queued()).isEqualTo(10);
            assertThat(gaps.account().addsUp()).isFalse();
        }
    }

    @Test
    void agentsThatOnlyStorageKnows_areShown() {
        held.put(new Origin("forgotten", 7), received(5));
        try (AgentDirectory directory = started()) {
            AgentSummary agent = agent(directory, "forgotten");
            assertThat(agent.account().stored()).isEqualTo(5);
            assertThat(agent.account().addsUp()).isTrue();
            assertThat(directory.agent("never-met")).isNull();
            assertThat(directory.gaps("never-met")).isNull();
        }
    }

    @Test
    void savedStateThatCannotBeRead_isLeftOut() {
        saved.put("a1", new byte[] {(byte) 0xff, 3, 3});
        try (AgentDirectory directory = started()) {
            assertThat(directory.agents()).isEmpty();
            directory.connect(hello(1, 0, 0), SECOND);
            assertThat(directory.agents()).hasSize(1);
        }
    }

    @Test
    void takenOverLink_doesNotDisconnect() {
        try (AgentDirectory directory = started()) {
            AgentLink first = directory.connect(hello(1, 0, 0), SECOND);
            AgentLink second = directory.connect(hello(1, 0, 0), 2 * SECOND);
            first.close(3 * SECOND);
            assertThat(agent(directory, "a1").connected()).isTrue();
            second.close(4 * SECOND);
            assertThat(agent(directory, "a1").connected()).isFalse();
        }
    }

    @Test
    void drainEstimate_followsTheQueueBetweenStatuses() {
        try (AgentDirectory directory = started()) {
            AgentLink link = directory.connect(hello(1, 0, 0), SECOND);
            link.status(status(2 * SECOND, 1000, 1000));
            assertThat(agent(directory, "a1").drain()).isNull();
            link.status(status(4 * SECOND, 1000, 800));
            assertThat(agent(directory, "a1").drain()).isEqualTo(new DrainEstimate(100, 8));
            link.status(status(6 * SECOND, 5000, 5000));
            DrainEstimate growing =
                    Objects.requireNonNull(agent(directory, "a1").drain());
            assertThat(growing.seconds()).isPositive().isInfinite();
        }
    }

    private AgentDirectory started() {
        AgentDirectory directory = new AgentDirectory(store, accounts, new PrometheusRegistry());
        directory.start();
        return directory;
    }

    private static AgentSummary agent(AgentDirectory directory, String id) {
        return Objects.requireNonNull(directory.agent(id));
    }

    private static OriginAccount received(long count) {
        return new OriginAccount(List.of(new SequenceRange(0, count)), Map.of(), Map.of(), count, 0, 0, 0);
    }

    private static AgentHello hello(long epoch, long next, long oldest) {
        return new AgentHello("a1", epoch, next, oldest, "1.0", List.of("zstd"), "127.0.0.1:5");
    }

    private static AgentStatus status(long receivedNs, long next, long queued) {
        return new AgentStatus(
                receivedNs,
                next,
                queued,
                queued * 2,
                1,
                2,
                true,
                -5,
                7,
                99,
                Map.of("bad-line", 3L),
                receivedNs + 9,
                new AgentStatus.Upload(true, 10, 20));
    }
}
