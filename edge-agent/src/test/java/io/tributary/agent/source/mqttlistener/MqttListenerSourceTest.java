package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.NO_PROPERTIES;
import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.connect5;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static io.tributary.agent.source.mqttlistener.Packets.pubRel;
import static io.tributary.agent.source.mqttlistener.Packets.publish3;
import static io.tributary.agent.source.mqttlistener.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.NumberDecoder;
import io.tributary.config.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MqttListenerSourceTest {
    private static final String ACCEPTED3 = "20 0000";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private FlakyIntake intake = new FlakyIntake(1, 0);

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

    // ---- publishing ----

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyAcknowledgedMessage_isTakenOnceInOrder_throughAnIntakeThatRefuses(long seed) throws Exception {
        intake = new FlakyIntake(seed, 0.3);
        RawClient client = open3(start(), "d", true);
        List<Long> expected = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            client.send(publish3(i % 3, i, "in/d/c", i % 20 == 0 ? "x" : String.valueOf(i)));
            if (i % 20 != 0) {
                expected.add((long) i);
            }
        }
        for (int i = 1; i <= 300; i++) {
            if (i % 3 == 1) {
                assertThat(client.next()).isEqualTo("40 " + id(i));
            } else if (i % 3 == 2) {
                assertThat(client.next()).isEqualTo("50 " + id(i));
            }
        }
        for (int i = 2; i <= 300; i += 3) {
            client.send(pubRel(i));
            assertThat(client.next()).isEqualTo("70 " + id(i));
        }
        await().until(() -> intake.readings() == expected.size());
        assertThat(NumberDecoder.values(intake)).isEqualTo(expected);
        assertThat(intake.letters()).hasSize(15);
    }

    @Test
    void refusedForLater_isNotAcknowledged_untilItIsTaken() throws Exception {
        intake.refusals(1);
        RawClient client = open5(start(), "d");
        client.send(publish5(1, 1, "in/d/c", "1"));
        await().until(() -> registry.scrape(name -> name.startsWith("tributary_agent_mqtt_listener_paused")).stream()
                        .flatMap(snapshot -> snapshot.getDataPoints().stream())
                        .count()
                > 0);
        assertThat(intake.readings()).isZero();
        intake.refusals(0);
        assertThat(client.next()).isEqualTo("40 " + id(1));
        assertThat(intake.readings()).isEqualTo(1);
        client.send(PINGREQ);
        assertThat(client.next()).isEqualTo("d0 ");
    }

    @Test
    void exactlyOnce_aMessageSentAgainOnAnotherConnection_isTakenOnce() throws Exception {
        MqttListenerSource source = start();
        RawClient first = open3(source, "d", false);
        first.send(publish3(2, 7, "in/d/c", "1"));
        assertThat(first.next()).isEqualTo("50 0007");
        first.close();
        RawClient second = connect(source).send(connect3("d", false, 60));
        assertThat(second.next()).isEqualTo("20 0100");
        second.send(packet(0x3c, "in/d/c", (short) 7, new byte[] {'1'}));
        assertThat(second.next()).isEqualTo("50 0007");
        second.send(pubRel(7));
        assertThat(second.next()).isEqualTo("70 0007");
        second.send(publish3(2, 7, "in/d/c", "2"));
        assertThat(second.next()).isEqualTo("50 0007");
        assertThat(NumberDecoder.values(intake)).containsExactly(1L, 2L);
    }

    @Test
    void exactlyOnce_aMessageSentAgainWhileTheFirstWaits_isAnsweredOnTheNewConnection() throws Exception {
        intake.refusals(1);
        MqttListenerSource source = start();
        RawClient first = open3(source, "d", false);
        first.send(publish3(2, 7, "in/d/c", "1"));
        await().until(() -> registry.scrape(name -> name.startsWith("tributary_agent_mqtt_listener_paused")).stream()
                        .flatMap(snapshot -> snapshot.getDataPoints().stream())
                        .count()
                > 0);
        RawClient second = connect(source).send(connect3("d", false, 60));
        assertThat(second.next()).isEqualTo("20 0100");
        second.send(packet(0x3c, "in/d/c", (short) 7, new byte[] {'1'}), PINGREQ);
        assertThat(second.next()).isEqualTo("d0 ");
        intake.refusals(0);
        assertThat(second.next()).isEqualTo("50 0007");
        assertThat(NumberDecoder.values(intake)).containsExactly(1L);
    }

    @Test
    void malformedPayload_isADeadLetter_andTheClientOf5IsTold() throws Exception {
        MqttListenerSource source = start();
        RawClient old = open3(source, "a", true).send(publish3(1, 1, "in/d/c", "x"));
        assertThat(old.next()).isEqualTo("40 0001");
        RawClient client = open5(source, "b");
        client.send(publish5(1, 1, "in/d/c", "x"), publish5(2, 2, "in/d/c", "y"), publish5(1, 3, "elsewhere", "1"));
        assertThat(client.next()).startsWith("40 000199");
        assertThat(client.next()).startsWith("50 000299");
        assertThat(client.next()).startsWith("40 000390");
        client.send(publish5(2, 2, "in/d/c", "5"));
        assertThat(client.next()).isEqualTo("50 0002");
        assertThat(intake.letters()).hasSize(4);
        assertThat(NumberDecoder.values(intake)).containsExactly(5L);
    }

    @Test
    void tooLargeForTheIntake_isADeadLetter() throws Exception {
        intake.refuseForGood(batch -> true);
        RawClient client = open5(start(), "d").send(publish5(1, 1, "in/d/c", "1"));
        assertThat(client.next()).startsWith("40 000183");
        assertThat(intake.letters()).containsExactly("too-large: by rule");
    }

    @Test
    void topicAliases_standForTheirTopics() throws Exception {
        RawClient client = open5(start(), "d");
        byte[] alias = properties(0x23, (short) 2);
        client.send(publish5(1, 1, "in/d/a", "1", alias), publish5(1, 2, "", "2", alias));
        assertThat(client.next()).isEqualTo("40 0001");
        assertThat(client.next()).isEqualTo("40 0002");
        assertThat(NumberDecoder.values(intake)).containsExactly(1L, 2L);
        client.send(publish5(1, 3, "", "3", properties(0x23, (short) 3)));
        assertThat(client.next()).startsWith("e0 82");
        assertThat(client.next()).isEqualTo("closed");
    }

    @Test
    void release_ofAnUnknownMessage_isAnswered() throws Exception {
        MqttListenerSource source = start();
        assertThat(open3(source, "a", true).send(pubRel(9)).next()).isEqualTo("70 0009");
        assertThat(open5(source, "b").send(pubRel(9)).next()).isEqualTo("70 00099200");
    }

    @Test
    void receiveMaximum_isEnforcedFor5_andPausesOlderClients() throws Exception {
        intake.refusals(1);
        MqttListenerSource source = start();
        RawClient client = open5(source, "d");
        for (int i = 1; i <= 11; i++) {
            client.send(publish5(1, i, "in/d/c", "1"));
        }
        // What is in the first read is taken; reading stops with the first refusal, so one packet of all is needed.
        byte[][] burst = new byte[11][];
        for (int i = 0; i < 11; i++) {
            burst[i] = publish5(1, i + 1, "in/d/c", "1");
        }
        RawClient hostile = open5(source, "h").send(burst);
        assertThat(hostile.next()).startsWith("e0 93");
        assertThat(hostile.next()).isEqualTo("closed");
    }

    // ---- connecting ----

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

    // ---- commands ----

    @Test
    void subscriptions_areForTheClientsOwnCommandsOnly() throws Exception {
        MqttListenerSource source = start();
        RawClient client = open5(source, "d");
        client.send(packet(
                0x82,
                (short) 5,
                0,
                "tributary/commands/d/#",
                1,
                "tributary/commands/e/#",
                1,
                "#",
                0,
                "$share/g/tributary/commands/d/#",
                0,
                "tributary/commands/d/a#",
                0));
        assertThat(client.next()).isEqualTo("90 0005" + "00" + "01" + "80" + "80" + "9e" + "8f");
        client.send(packet(0xa2, (short) 6, 0, "tributary/commands/d/#", "none"));
        assertThat(client.next()).isEqualTo("b0 0006" + "00" + "0011");
        assertThat(source.reaches(command("d", "now")).toCompletableFuture().join())
                .isFalse();
        assertThat(carryOut(source, command("d", "now")).join().kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
        RawClient old =
                open3(source, "e", true).send(packet(0x82, (short) 5, "in/+/+", 1, "tributary/commands/e/x", 1));
        assertThat(old.next()).isEqualTo("90 0005" + "8001");
        old.send(packet(0xa2, (short) 6, "in/+/+"));
        assertThat(old.next()).isEqualTo("b0 0006");
        RawClient wild = open5(source, "+").send(packet(0x82, (short) 5, 0, "tributary/commands/+/#", 1));
        assertThat(wild.next()).isEqualTo("90 00050080");
    }

    @Test
    void command_isDoneOnceTheDeviceAcknowledges() throws Exception {
        MqttListenerSource source = start();
        RawClient client = subscribed(source, "d", 1);
        CompletableFuture<DeviceOutcome> first = carryOut(source, command("d", "now"));
        CompletableFuture<DeviceOutcome> second = carryOut(source, command("d", "no"));

        assertThat(client.next())
                .isEqualTo("32 " + id(27) + hex("tributary/commands/d/reboot") + id(1) + "00" + hex("now"));
        assertThat(client.next())
                .isEqualTo("32 " + id(27) + hex("tributary/commands/d/reboot") + id(2) + "00" + hex("no"));
        assertThat(first).isNotDone();
        client.send(packet(0x40, (short) 1));
        assertThat(first.join().kind()).isEqualTo(DeviceOutcome.Kind.DONE);
        client.send(packet(0x40, (short) 2, 0x83, 0));
        assertThat(second.join().kind()).isEqualTo(DeviceOutcome.Kind.FAILED);
    }

    @Test
    void commandWhoseDeviceGoesBeforeItAcknowledges_isUnknown() throws Exception {
        MqttListenerSource source = start();
        RawClient client = subscribed(source, "d", 1);
        CompletableFuture<DeviceOutcome> outcome = carryOut(source, command("d", "now"));
        client.next();
        client.close();

        assertThat(outcome.join().kind()).isEqualTo(DeviceOutcome.Kind.UNKNOWN);
        assertThat(source.reaches(command("d", "now")).toCompletableFuture().join())
                .isFalse();
    }

    @Test
    void commandWithQos0_isSentAndUnknown() throws Exception {
        MqttListenerSource source = start();
        RawClient client = subscribed(source, "d", 0);

        assertThat(carryOut(source, command("d", "now")).join().kind()).isEqualTo(DeviceOutcome.Kind.UNKNOWN);
        assertThat(client.next()).isEqualTo("30 " + id(27) + hex("tributary/commands/d/reboot") + "00" + hex("now"));
    }

    private RawClient subscribed(MqttListenerSource source, String device, int qos) throws Exception {
        RawClient client = open5(source, device);
        client.send(packet(0x82, (short) 5, 0, "tributary/commands/" + device + "/#", qos));
        assertThat(client.next()).isEqualTo("90 000500" + "%02x".formatted(qos));
        return client;
    }

    private static DeviceCommand command(String device, String payload) {
        return new DeviceCommand.Publish(device, "reboot", payload.getBytes(StandardCharsets.UTF_8));
    }

    private static CompletableFuture<DeviceOutcome> carryOut(MqttListenerSource source, DeviceCommand command) {
        return source.carryOut(command).toCompletableFuture();
    }

    @Test
    void silentConnections_giveWayToOneMore() throws Exception {
        MqttListenerSource source = start(Listeners.options(16 << 10, 2, 10));
        RawClient silent = connect(source);
        RawClient first = connect(source).send(connect3("a", true, 60));
        assertThat(first.next()).isEqualTo(ACCEPTED3);
        RawClient second = connect(source).send(connect3("b", true, 60));
        assertThat(second.next()).isEqualTo(ACCEPTED3);
        assertThat(silent.next()).isEqualTo("closed");
        assertThat(connect(source).next()).isEqualTo("closed");
        assertThat(first.send(PINGREQ).next()).isEqualTo("d0 ");
    }
}
