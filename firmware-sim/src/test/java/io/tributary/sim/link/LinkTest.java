package io.tributary.sim.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.config.HostPort;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.ledger.LedgerReader;
import io.tributary.sim.ledger.LedgerVisitor;
import io.tributary.sim.ledger.LedgerWriter;
import io.tributary.sim.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The link against an agent that drops connections, wants frames again and refuses some. */
class LinkTest {
    private static final Channel TEMPERATURE = new Channel("temp, =erature", ValueType.DOUBLE, "Cel");
    private static final Channel COUNT = Channel.of("count", ValueType.LONG);
    private static final Channel DOOR = Channel.of("door", ValueType.BOOL);
    private static final Channel STATE = Channel.of("state", ValueType.STRING);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = Protocol.class,
            names = {"FRAMES", "BATCHES", "LINES"})
    void everything_that_is_acknowledged_is_stored_and_everything_stored_is_known(Protocol protocol) throws Exception {
        for (long seed = 1; seed <= 6; seed++) {
            Path file = directory.resolve("ledger-" + seed);
            try (FakeAgent agent = new FakeAgent(protocol == Protocol.LINES, FakeAgent.Faults.MANY, seed);
                    LedgerWriter ledger = LedgerWriter.open(file)) {
                int connections = seed % 2 == 0 ? 3 : 1;
                LinkTotals totals = sendAll(options(agent.port(), protocol, connections, null), ledger, rows(seed));

                assertThat(totals.accepted() + totals.rejected())
                        .as("seed %d: %s", seed, totals)
                        .isEqualTo(totals.handedOver());
                assertThat(totals.resent()).as("seed %d", seed).isPositive();
                assertThat(totals.rejected()).as("seed %d", seed).isPositive();
                assertThat(totals.inDoubt() + totals.unsent()).isZero();
                Map<FakeAgent.Key, Object> accepted = acceptedIn(file);
                assertThat(accepted).as("seed %d", seed).isEqualTo(agent.stored());
            }
        }
    }

    private static LinkTotals sendAll(LinkOptions options, DeliveryLog log, List<Row> rows) throws Exception {
        try (Link link = new Link(options, log, System::nanoTime, 1)) {
            link.start();
            for (Row row : rows) {
                link.add(row);
            }
            assertThat(link.drain(PATIENCE)).isTrue();
            return link.totals();
        }
    }

    @Test
    void what_has_no_answer_when_the_link_gives_up_is_in_doubt_or_unsent() throws Exception {
        Path file = directory.resolve("ledger");
        List<Row> rows = rows(1).subList(0, 400);
        LinkTotals totals;
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1);
                LedgerWriter ledger = LedgerWriter.open(file)) {
            LinkOptions options = options(agent.port(), Protocol.FRAMES, 1, null);
            Link link = new Link(options, ledger, System::nanoTime, 1);
            link.start();
            for (Row row : rows.subList(0, 200)) {
                link.add(row);
            }
            assertThat(link.drain(PATIENCE)).isTrue();
            long before = agent.readings();
            agent.fallSilent();
            for (Row row : rows.subList(200, 300)) {
                link.add(row);
            }
            link.flush();
            await().atMost(PATIENCE).until(() -> agent.readings() > before);
            link.close();
            totals = link.totals();
            assertThat(totals.inDoubt()).isPositive();
            assertThat(totals.handedOver())
                    .isEqualTo(totals.accepted() + totals.rejected() + totals.inDoubt() + totals.unsent());
        }
        long[] inDoubt = {0};
        LedgerReader.read(file, (row, fate) -> {
            if (fate == LedgerVisitor.Fate.IN_DOUBT) {
                inDoubt[0] += row.size();
            }
        });
        assertThat(inDoubt[0]).isEqualTo(totals.inDoubt());
    }

    @Test
    void a_silent_agent_is_left_and_connected_anew() throws Exception {
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            agent.fallSilent();
            LinkOptions options = new LinkOptions(
                    new HostPort("127.0.0.1", agent.port()),
                    Transport.TCP,
                    Protocol.FRAMES,
                    MqttOptions.DEFAULT,
                    1,
                    4,
                    10,
                    Duration.ofMillis(50),
                    Duration.ofMillis(1),
                    Duration.ofMillis(5),
                    null);
            try (Link link = new Link(options, DeliveryLog.NONE, System::nanoTime, 1)) {
                link.start();
                link.add(rows(1).get(0));
                link.flush();
                await().atMost(PATIENCE).until(() -> link.totals().connections() >= 2);
            }
        }
    }

    @Test
    void nobody_listening_fails_after_the_time_given() throws Exception {
        int port;
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            port = agent.port();
        }
        LinkOptions options = options(port, Protocol.FRAMES, 1, Duration.ofMillis(20));
        try (Link link = new Link(options, DeliveryLog.NONE, System::nanoTime, 1)) {
            link.start();
            link.add(rows(1).get(0));
            assertThatThrownBy(() -> link.drain(PATIENCE))
                    .isInstanceOf(LinkFailedException.class)
                    .hasMessageContaining("127.0.0.1:" + port);
            link.close();
            assertThat(link.totals().unsent()).isEqualTo(link.totals().handedOver());
        }
    }

    @Test
    void an_agent_that_comes_later_gets_everything() throws Exception {
        int port;
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            port = agent.port();
        }
        try (Link link = new Link(options(port, Protocol.BATCHES, 1, null), DeliveryLog.NONE, System::nanoTime, 1)) {
            link.start();
            for (Row row : rows(1).subList(0, 20)) {
                link.add(row);
            }
            link.flush();
            try (FakeAgent agent = new FakeAgent(port, false, FakeAgent.Faults.NONE, 1)) {
                assertThat(link.drain(PATIENCE)).isTrue();
                assertThat(agent.readings()).isEqualTo(link.totals().accepted());
            }
        }
    }

    @Test
    void the_unit_and_the_quality_travel_in_frames_but_not_in_lines() throws Exception {
        Row row = Row.builder(Device.of("d"), 5, 1)
                .add(TEMPERATURE, Double.doubleToRawLongBits(1.5), null, Quality.BAD)
                .build();
        for (Protocol protocol : List.of(Protocol.FRAMES, Protocol.BATCHES, Protocol.LINES)) {
            try (FakeAgent agent = new FakeAgent(protocol == Protocol.LINES, FakeAgent.Faults.NONE, 1)) {
                LinkTotals totals = sendAll(options(agent.port(), protocol, 1, null), DeliveryLog.NONE, List.of(row));
                boolean lines = protocol == Protocol.LINES;
                assertThat(totals.unsendable()).isEqualTo(lines ? 1 : 0);
                assertThat(agent.units()).isEqualTo(lines ? List.of() : List.of("Cel"));
            }
        }
    }

    static LinkOptions options(int port, Protocol protocol, int connections, @Nullable Duration giveUpAfter) {
        return new LinkOptions(
                new HostPort("127.0.0.1", port),
                Transport.TCP,
                protocol,
                MqttOptions.DEFAULT,
                connections,
                8,
                40,
                Duration.ofSeconds(30),
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                giveUpAfter);
    }

    /** Few event times, so that many rows replace earlier ones. */
    private static List<Row> rows(long seed) {
        Random random = new Random(seed);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            Device device = new Device("device " + random.nextInt(12), Map.of("site", "north, east"));
            Row.Builder row = Row.builder(device, 1_700_000_000_000_000_000L + random.nextInt(150), 1);
            row.add(TEMPERATURE, random.nextInt(4) == 0 ? -0.0 : random.nextGaussian() * 1e9);
            if (random.nextBoolean()) {
                row.add(COUNT, random.nextLong());
            }
            if (random.nextBoolean()) {
                row.add(DOOR, random.nextBoolean());
            }
            if (random.nextBoolean()) {
                row.add(STATE, "a \"quoted\\\" text, ü=" + random.nextInt(3));
            }
            rows.add(row.build());
        }
        return rows;
    }

    private static Map<FakeAgent.Key, Object> acceptedIn(Path ledger) throws IOException {
        Map<FakeAgent.Key, Object> last = new LinkedHashMap<>();
        LedgerReader.read(ledger, (row, fate) -> {
            assertThat(fate).isNotEqualTo(LedgerVisitor.Fate.IN_DOUBT);
            if (fate == LedgerVisitor.Fate.ACCEPTED) {
                for (int i = 0; i < row.size(); i++) {
                    last.put(
                            new FakeAgent.Key(row.device().id(), row.channel(i).name(), row.eventTimeNs()),
                            row.value(i));
                }
            }
        });
        return last;
    }
}
