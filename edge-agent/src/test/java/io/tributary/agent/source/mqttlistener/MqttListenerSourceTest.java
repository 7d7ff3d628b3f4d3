package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.connect5;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static io.tributary.agent.source.mqttlistener.Packets.pubRel;
import static io.tributary.agent.source.mqttlistener.Packets.publish3;
import static io.tributary.agent.source.mqttlistener.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.NumberDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of messages; {@link ConnectingTest}, {@link SessionTest} and {@link CommandTest} have the rest. */
final class MqttListenerSourceTest {
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

    /** MQTT 3.1.1 has no receive maximum: whoever sends more is not read from, loses nothing, and stays connected. */
    @Test
    void moreThanReceiveMaximumUnanswered_pausesOlderClients_untilTheyAreAnswered() throws Exception {
        intake.refusals(1);
        RawClient client = open3(start(), "d", true);
        int messages = 3 * Listeners.options().receiveMaximum();
        byte[][] burst = new byte[messages][];
        for (int i = 0; i < messages; i++) {
            burst[i] = publish3(1, i + 1, "in/d/c", String.valueOf(i));
        }
        client.send(burst);
        await().until(() -> registry.scrape(name -> name.startsWith("tributary_agent_mqtt_listener_paused")).stream()
                        .flatMap(snapshot -> snapshot.getDataPoints().stream())
                        .count()
                > 0);
        assertThat(intake.readings()).isZero();
        intake.refusals(0);
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            assertThat(client.next()).isEqualTo("40 " + id(i + 1));
            expected.add((long) i);
        }
        assertThat(NumberDecoder.values(intake)).isEqualTo(expected);
        client.send(PINGREQ);
        assertThat(client.next()).isEqualTo("d0 ");
    }

    @Test
    void receiveMaximum_isEnforcedFor5() throws Exception {
        intake.refusals(1);
        // What is in the first read is taken; reading stops with the first refusal, so one packet of all is needed.
        byte[][] burst = new byte[11][];
        for (int i = 0; i < 11; i++) {
            burst[i] = publish5(1, i + 1, "in/d/c", "1");
        }
        RawClient hostile = open5(start(), "h").send(burst);
        assertThat(hostile.next()).startsWith("e0 93");
        assertThat(hostile.next()).isEqualTo("closed");
    }
}
