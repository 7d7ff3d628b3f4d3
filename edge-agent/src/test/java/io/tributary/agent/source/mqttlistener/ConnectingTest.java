package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.NO_PROPERTIES;
import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.connect5;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static io.tributary.agent.source.mqttlistener.Packets.publish3;
import static io.tributary.agent.source.mqttlistener.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.config.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Coming in, going, and being turned away. */
final class ConnectingTest {
    private static final String ACCEPTED3 = "20 0000";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final FlakyIntake intake = new FlakyIntake(1, 0);

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    private MqttListenerSource start() throws IOException {
        return start(Listeners.options());
    }

    private MqttListenerSource start(MqttListenerOptions options) throws IOException {
        MqttListenerSource source = Listeners.source(options, intake, registry);
        source.start();
        open.add(source);
        return source;
    }

    private RawClient connect(MqttListenerSource source) throws IOException {
        RawClient client = new RawClient(source.endpoint());
        open.add(client);
        return client;
    }

    private RawClient open3(MqttListenerSource source, String id, boolean clean) throws IOException {
        RawClient client = connect(source).send(connect3(id, clean, 60));
        assertThat(client.next()).startsWith("20 ").endsWith("00");
        return client;
    }

    private RawClient open5(MqttListenerSource source, String id) throws IOException {
        RawClient client = connect(source).send(connect5(id));
        assertThat(client.next()).startsWith("20 0000");
        return client;
    }

    private static String id(int id) {
        return "%04x".formatted(id);
    }

    @Test
    void takeover_endsTheOlderConnection() throws Exception {
        MqttListenerSource source = start();
        RawClient first = open5(source, "d");
        RawClient second = open5(source, "d");
        assertThat(first.next()).startsWith("e0 8e");
        assertThat(first.next()).isEqualTo("closed");
        second.send(publish5(1, 1, "in/d/c", "1"));
        assertThat(second.next()).isEqualTo("40 0001");
    }

    @Test
    void session_isKeptAsLongAsAsked_andNoLonger() throws Exception {
        MqttListenerSource source = start();
        byte[] hour = properties(0x11, new byte[] {0, 0, 0x0e, 0x10});
        RawClient first = connect(source).send(connect5("d", true, 60, hour));
        assertThat(first.next()).startsWith("20 0000");
        first.send(publish5(2, 7, "in/d/c", "1"));
        assertThat(first.next()).isEqualTo("50 0007");
        first.close();
        RawClient second = connect(source).send(connect5("d", false, 60, hour));
        assertThat(second.next()).startsWith("20 0100");
        // DISCONNECT ends the session.
        second.send(packet(0xe0, 0, properties(0x11, new byte[4])));
        assertThat(second.next()).isEqualTo("closed");
        assertThat(connect(source).send(connect5("d", false, 60, NO_PROPERTIES)).next())
                .startsWith("20 0000");
    }

    @Test
    void connAck_tellsTheLimits_theAssignedId_andThatTheWillIsIgnored() throws Exception {
        MqttListenerSource source = start();
        RawClient client = connect(source)
                .send(packet(
                        0x10,
                        "MQTT",
                        5,
                        0x06,
                        (short) 0,
                        properties(0x11, new byte[] {-1, -1, -1, -1}),
                        "",
                        NO_PROPERTIES,
                        "will",
                        "gone"));
        String answer = client.next();
        assertThat(answer)
                .startsWith("20 0000")
                .contains("21" + id(10)) // receive maximum
                .contains("2700004000") // maximum packet size
                .contains("22" + id(4)) // topic aliases
                .contains("1100000e10") // session expiry
                .contains("13" + id(1800)) // keep-alive
                .doesNotContain("2900") // subscription identifiers are available
                .contains("2a00")
                .contains("120029" + hex("auto-"))
                .contains(hex("the will is ignored"));
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void clientWithoutId_needsACleanSessionBefore5() throws Exception {
        MqttListenerSource source = start();
        assertThat(connect(source).send(connect3("", true, 60)).next()).isEqualTo(ACCEPTED3);
        RawClient refused = connect(source).send(connect3("", false, 60));
        assertThat(refused.next()).isEqualTo("20 0002");
        assertThat(refused.next()).isEqualTo("closed");
    }

    @Test
    void pipelined_connectAndPublishInOnePacket() throws Exception {
        RawClient client = connect(start()).send(connect3("d", true, 60), publish3(1, 1, "in/d/c", "1"), PINGREQ);
        assertThat(client.next()).isEqualTo(ACCEPTED3);
        assertThat(List.of(client.next(), client.next())).containsExactlyInAnyOrder("d0 ", "40 0001");
    }

    @Test
    void connectionsAboveTheLimit_areClosed() throws Exception {
        MqttListenerSource source = start(Listeners.options(1024, 1, 10));
        RawClient first = open3(source, "a", true);
        assertThat(connect(source).next()).isEqualTo("closed");
        first.close();
        await().until(() -> {
            RawClient next = new RawClient(source.endpoint());
            open.add(next);
            try {
                return next.send(connect3("b", true, 60)).next().equals(ACCEPTED3);
            } catch (IOException e) {
                return false; // the first one's end has not been seen yet
            }
        });
    }

    @Test
    void occupiedPort_saysWhere() throws Exception {
        try (ServerSocket occupied = new ServerSocket(0)) {
            MqttListenerOptions free = Listeners.options();
            HostPort at = new HostPort("127.0.0.1", occupied.getLocalPort());
            MqttListenerOptions options = new MqttListenerOptions(
                    "test",
                    at,
                    null,
                    null,
                    free.durability(),
                    1024,
                    256,
                    1,
                    1,
                    1,
                    free.connectTimeout(),
                    free.keepAliveMax(),
                    free.idleTimeout(),
                    1,
                    1,
                    1,
                    free.sessionExpiryMax(),
                    1,
                    1,
                    1);
            assertThatThrownBy(() -> start(options))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("source test cannot listen on " + at)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void close_answersWhatWasTaken_andTellsWhy() throws Exception {
        MqttListenerSource source = start();
        RawClient client = open5(source, "d").send(publish5(1, 1, "in/d/c", "1"));
        assertThat(client.next()).isEqualTo("40 0001");
        source.close();
        source.close();
        assertThat(client.next()).startsWith("e0 8b");
        assertThat(client.next()).isEqualTo("closed");
    }

    // ---- when there is no place ----

    @Test
    void silentConnection_givesWayToOneThatConnects_theOldestFirst() throws Exception {
        try (ListenerFixture listener = new ListenerFixture(Listeners.options(3, 3, 8, 1 << 20))) {
            RawClient settled = listener.open3("a", true);
            RawClient silent = listener.connect();
            RawClient half = listener.connect(new byte[] {0x10, 20, 0});
            RawClient fresh = listener.open3("b", true);
            assertThat(silent.next()).isEqualTo("closed");
            assertThat(listener.metric("refused_connections")).isEqualTo(1);
            RawClient later = listener.open3("c", true);
            assertThat(half.next()).isEqualTo("closed");
            assertThat(listener.connect(connect3("d", true, 60)).next())
                    .as("all others have come in")
                    .isEqualTo("closed");
            for (RawClient each : List.of(settled, fresh, later)) {
                each.send(PINGREQ);
                assertThat(each.next()).isEqualTo("d0 ");
            }
            assertThat(listener.metric("connections")).isEqualTo(3);
        }
    }

    @Test
    void silentConnection_givesWay_alsoWhenTooManyAreHalfOpen() throws Exception {
        try (ListenerFixture listener = new ListenerFixture(Listeners.options(100, 2, 8, 1 << 20))) {
            for (int round = 0; round < 3; round++) {
                RawClient first = listener.connect();
                RawClient second = listener.connect();
                listener.open3("a" + round, true);
                assertThat(first.next()).isEqualTo("closed");
                listener.open3("b" + round, true);
                second.send(connect3("c" + round, true, 60));
                assertThat(second.next()).isEqualTo(ACCEPTED3);
            }
        }
    }
}
