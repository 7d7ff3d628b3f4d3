package io.tributary.sim.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tributary.config.HostPort;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT, HTTP and UDP against servers that drop, refuse and forget. */
class LaneTest {
    private static final Channel TEMPERATURE = new Channel("temperature", ValueType.DOUBLE, "Cel");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROWS = 400;

    /** What was told of each delivery. */
    private static final class Told implements DeliveryLog {
        final Map<Long, Row> sent = new HashMap<>();
        final Map<Long, Result> results = new HashMap<>();

        @Override
        public synchronized void sending(long id, List<Row> rows) {
            sent.put(id, rows.get(0));
        }

        @Override
        public synchronized void settled(long id, int fromRow, int toRow, Result result) {
            assertThat(results.put(id, result)).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"3,1", "5,1", "3,2", "5,2"})
    void what_an_mqtt_server_acknowledges_it_has(int version, int qos) throws Exception {
        Told told = new Told();
        try (FakeMqttServer server = new FakeMqttServer(version + qos, 0.02)) {
            LinkTotals totals = send(options(Transport.MQTT, Protocol.LINES, server.port(), 3, version, qos), told);
            assertThat(totals.accepted()).isEqualTo(ROWS).isEqualTo(totals.handedOver());
            assertThat(totals.resent()).isPositive();
            assertThat(totals.connections()).isGreaterThan(3);
            assertThat(told.results.values()).hasSize(ROWS).containsOnly(DeliveryLog.Result.ACCEPTED);
            assertThat(new TreeSet<>(server.kept())).hasSize(ROWS);
            if (version == 5) {
                assertThat(server.unansweredMost()).isLessThanOrEqualTo(FakeMqttServer.RECEIVE_MAXIMUM);
            }
        }
    }

    @Test
    void qos_0_is_in_doubt() throws Exception {
        Told told = new Told();
        try (FakeMqttServer server = new FakeMqttServer(1, 0)) {
            LinkTotals totals = send(options(Transport.MQTT, Protocol.JSON, server.port(), 1, 5, 0), told);
            assertThat(totals.inDoubt()).isEqualTo(ROWS);
            assertThat(totals.accepted()).isZero();
            assertThat(told.results).isEmpty();
        }
    }

    @Test
    void requests_are_sent_again_until_they_are_answered_well() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        List<String> kept = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/write", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            double chance = random.nextDouble();
            int code = chance < 0.2 ? 503 : chance < 0.3 ? 400 : 204;
            if (code == 204) {
                kept.addAll(body.lines().toList());
            } else {
                exchange.getResponseHeaders().add("Retry-After", "0");
            }
            exchange.sendResponseHeaders(code, code == 204 ? -1 : 4);
            if (code != 204) {
                exchange.getResponseBody().write("why\n".getBytes(StandardCharsets.UTF_8));
            }
            exchange.close();
        });
        server.start();
        try {
            Told told = new Told();
            LinkTotals totals = send(
                    options(Transport.HTTP, Protocol.LINES, server.getAddress().getPort(), 1, 5, 1), told);
            assertThat(totals.accepted()).isEqualTo(kept.size()).isPositive();
            assertThat(totals.rejected()).isPositive();
            assertThat(totals.accepted() + totals.rejected()).isEqualTo(ROWS);
            assertThat(totals.retryReplies()).isPositive();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void datagrams_are_in_doubt() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            LinkTotals totals =
                    send(options(Transport.UDP, Protocol.LINES, socket.getLocalPort(), 1, 5, 1), new Told());
            assertThat(totals.inDoubt()).isEqualTo(ROWS);
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            socket.receive(packet);
            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8))
                    .startsWith("telemetry,device=d0 temperature=0.0 1000\n");
        }
    }

    @Test
    void protocol_that_a_transport_has_not_is_refused() {
        assertThatThrownBy(() -> options(Transport.UDP, Protocol.SPARKPLUG, 1, 1, 5, 1))
                .hasMessageContaining("protocol sparkplug over udp, expected one of [lines, json]");
    }

    private static LinkOptions options(
            Transport transport, Protocol protocol, int port, int connections, int version, int qos) {
        return new LinkOptions(
                new HostPort("127.0.0.1", port),
                transport,
                protocol,
                new MqttOptions(version, qos, "sim/{device}", "sim", 400, null, null),
                connections,
                transport == Transport.HTTP ? 1 : 16,
                10,
                Duration.ofSeconds(30),
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                null);
    }

    private static LinkTotals send(LinkOptions options, DeliveryLog log) throws Exception {
        Link link = new Link(options, log, System::nanoTime, 1);
        try (link) {
            link.start();
            for (int i = 0; i < ROWS; i++) {
                link.add(Row.builder(Device.of("d" + i % 7), 1000L * (i + 1), 1)
                        .add(TEMPERATURE, i / 2.0)
                        .build());
            }
            assertThat(link.drain(PATIENCE)).isTrue();
        }
        return link.totals();
    }
}
