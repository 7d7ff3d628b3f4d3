package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.connect5;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.DeviceOutcome.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that a client has got and not acknowledged when its connection breaks (MQTT 3.1.1 and 5, section 4.4). */
final class RedeliveryTest {
    private static final String TOPIC = "001b" + hex("tributary/commands/d/reboot");
    private static final byte[] HOUR = properties(0x11, new byte[] {0, 0, 0x0e, 0x10});

    private ListenerFixture listener;

    @BeforeEach
    void start() throws Exception {
        listener = new ListenerFixture();
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
    }

    private void restart(MqttListenerOptions options) throws Exception {
        listener.close();
        listener = new ListenerFixture(options);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A client of a session that is kept, subscribed with QoS 1. */
    private RawClient subscribed(int version) throws IOException {
        RawClient client = come(version, "20 0000");
        byte[] none = version == 5 ? Packets.NO_PROPERTIES : new byte[0];
        client.send(packet(0x82, (short) 5, none, "tributary/commands/d/#", 1));
        assertThat(client.next()).startsWith("90 0005").endsWith("01");
        return client;
    }

    private RawClient come(int version, String answer) throws IOException {
        return come(connect(version), answer);
    }

    private RawClient come(byte[] connect, String answer) throws IOException {
        RawClient client = listener.connect(connect);
        assertThat(client.next()).startsWith(answer);
        return client;
    }

    private static byte[] connect(int version) {
        return version == 5 ? connect5("d", false, 60, HOUR) : connect3("d", false, 60);
    }

    private void isPublish(String packet, boolean again, int id, String payload) {
        assertThat(packet)
                .startsWith((again ? "3a " : "32 ") + TOPIC + "%04x".formatted(id))
                .endsWith(hex(payload));
    }

    private static void acknowledge(RawClient client, int id) throws IOException {
        client.send(packet(0x40, (short) id));
    }

    private static void hasNothingMore(RawClient client) throws IOException {
        client.send(PINGREQ);
        assertThat(client.next()).isEqualTo("d0 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void clientThatDropsBeforeItsPubacks_getsTheSamePacketsAgain_withDup_inTheirOrder(int version) throws Exception {
        RawClient first = subscribed(version);
        List<CompletableFuture<DeviceOutcome>> outcomes = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            outcomes.add(listener.command("d", "n" + i));
            isPublish(first.next(), false, i, "n" + i);
        }
        acknowledge(first, 2);
        assertThat(outcomes.get(1).join().kind()).isEqualTo(Kind.DONE);
        first.close();

        for (int times = 0; times < 2; times++) {
            RawClient again = come(version, "20 0100");
            isPublish(again.next(), true, 1, "n1");
            isPublish(again.next(), true, 3, "n3");
            hasNothingMore(again);
            again.close();
        }
        RawClient last = come(version, "20 0100");
        isPublish(last.next(), true, 1, "n1");
        isPublish(last.next(), true, 3, "n3");
        acknowledge(last, 1);
        assertThat(outcomes.get(0).join().kind()).isEqualTo(Kind.DONE);
        assertThat(outcomes.get(2)).isNotDone();
        acknowledge(last, 3);
        assertThat(outcomes.get(2).join().kind()).isEqualTo(Kind.DONE);
        assertThat(listener.metric("resent_commands")).isEqualTo(6);
        assertThat(listener.metric("unacknowledged_commands")).isZero();
        assertThat(listener.metric("unacknowledged_bytes")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void takeover_bringsThemToTheNewConnection(int version) throws Exception {
        RawClient first = subscribed(version);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        isPublish(first.next(), false, 1, "now");
        RawClient second = come(version, "20 0100");
        isPublish(second.next(), true, 1, "now");
        CompletableFuture<DeviceOutcome> other = listener.command("d", "more");
        isPublish(second.next(), false, 2, "more");
        acknowledge(second, 1);
        acknowledge(second, 2);
        assertThat(outcome.join().kind()).isEqualTo(Kind.DONE);
        assertThat(other.join().kind()).isEqualTo(Kind.DONE);
    }

    @Test
    void sessionTakenUpInAnotherVersion_isToldInItsWords() throws Exception {
        RawClient first = subscribed(3);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        first.next();
        first.close();
        RawClient second = come(5, "20 0100");
        assertThat(second.next()).isEqualTo("3a " + TOPIC + "0001" + commandProperties(60) + hex("now"));
        second.close();
        listener.advance(Duration.ofSeconds(20));
        RawClient third = come(5, "20 0100");
        assertThat(third.next()).isEqualTo("3a " + TOPIC + "0001" + commandProperties(40) + hex("now"));
        third.close();
        RawClient last = come(3, "20 0100");
        assertThat(last.next()).isEqualTo("3a " + TOPIC + "0001" + hex("now"));
        assertThat(outcome).isNotDone();
    }

    /** What makes a client of MQTT 5 see that both are one command, and how long it holds. */
    private static String commandProperties(int seconds) {
        return "19" + "02%08x".formatted(seconds) + "26000a" + hex("command-id") + "0005" + hex("c-now");
    }

    @Test
    void receiveMaximum_ofTheNewConnection_holdsForWhatIsSentAgain() throws Exception {
        RawClient first = subscribed(5);
        for (int i = 1; i <= 3; i++) {
            var unused = listener.command("d", "n" + i);
            first.next();
        }
        first.close();
        RawClient second = come(
                connect5("d", false, 60, properties(0x11, new byte[] {0, 0, 0x0e, 0x10}, 0x21, (short) 1)), "20 0100");
        for (int i = 1; i <= 3; i++) {
            isPublish(second.next(), true, i, "n" + i);
            assertThat(listener.reaches("d", "later")).isFalse();
            hasNothingMore(second);
            acknowledge(second, i);
        }
        hasNothingMore(second);
        assertThat(listener.reaches("d", "later")).isTrue();
    }

    @Test
    void packetLimit_ofTheNewConnection_endsWhatDoesNotFit() throws Exception {
        RawClient first = subscribed(5);
        CompletableFuture<DeviceOutcome> large = listener.command("d", "n".repeat(200));
        first.next();
        first.close();
        RawClient second = come(
                connect5("d", false, 60, properties(0x11, new byte[] {0, 0, 0x0e, 0x10}, 0x27, new byte[] {
                    0, 0, 0, (byte) 200
                })),
                "20 0100");
        assertThat(large.join().kind()).isEqualTo(Kind.UNKNOWN);
        hasNothingMore(second);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void whatExpiresWhileTheClientIsAway_isNotSentAgain(int version) throws Exception {
        RawClient first = subscribed(version);
        CompletableFuture<DeviceOutcome> early = listener.command("d", "early");
        first.next();
        listener.advance(Duration.ofSeconds(40));
        CompletableFuture<DeviceOutcome> late = listener.command("d", "late");
        first.next();
        first.close();
        listener.advance(Duration.ofSeconds(21));
        assertThat(early.join().kind()).isEqualTo(Kind.UNKNOWN);
        await().until(() -> listener.metric("unacknowledged_commands") == 1);
        RawClient second = come(version, "20 0100");
        isPublish(second.next(), true, 2, "late");
        hasNothingMore(second);
        acknowledge(second, 2);
        assertThat(late.join().kind()).isEqualTo(Kind.DONE);
    }

    @Test
    void whatExpiresOnTheWay_keepsItsIdentifierUntilThePuback() throws Exception {
        restart(Listeners.options(10, 10, 1, 1 << 20));
        RawClient client = subscribed(5);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        client.next();
        listener.advance(Duration.ofSeconds(61));
        assertThat(outcome.join().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(listener.metric("unacknowledged_bytes")).isZero();
        assertThat(listener.reaches("d", "more"))
                .as("it has to be acknowledged all the same")
                .isFalse();
        acknowledge(client, 1);
        hasNothingMore(client);
        assertThat(listener.reaches("d", "more")).isTrue();
        var unused = listener.command("d", "more");
        isPublish(client.next(), false, 2, "more");
        listener.advance(Duration.ofSeconds(61));
        client.close();
        hasNothingMore(come(5, "20 0100"));
        assertThat(listener.reaches("d", "more")).isTrue();
    }

    @Test
    void sessionThatEnds_takesThemWithIt() throws Exception {
        RawClient unkept = subscribed(5);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        unkept.next();
        unkept.send(packet(0xe0, 0, properties(0x11, new byte[4])));
        assertThat(unkept.next()).isEqualTo("closed");
        assertThat(outcome.join().kind()).isEqualTo(Kind.UNKNOWN);

        RawClient kept = subscribed(5);
        outcome = listener.command("d", "now");
        kept.next();
        RawClient fresh = come(connect5("d", true, 60, HOUR), "20 0000");
        assertThat(outcome.join().kind()).isEqualTo(Kind.UNKNOWN);
        hasNothingMore(fresh);
        assertThat(listener.metric("unacknowledged_commands")).isZero();
    }

    @Test
    void sessionThatMakesRoom_takesThemWithIt() throws Exception {
        restart(Listeners.options(1024, 2, 10));
        RawClient client = subscribed(5);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        client.next();
        client.close();
        listener.advance(Duration.ofSeconds(1));
        listener.open3("e", false);
        assertThat(outcome).isNotDone();
        listener.open3("f", false);
        assertThat(outcome.join().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(outcome.join().detail()).contains("made room");
        assertThat(listener.metric("evicted_sessions")).isEqualTo(1);
    }

    @Test
    void clientThatDoesNotComeBack_isWaitedForUntilTheCommandExpires_andTheListenersEndEndsIt() throws Exception {
        RawClient client = subscribed(3);
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        client.next();
        client.close();
        listener.advance(Duration.ofSeconds(30));
        assertThat(outcome).isNotDone();
        listener.source.close();
        assertThat(outcome.join().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(outcome.join().detail()).contains("listener closed");
    }

    @Test
    void limits_holdPerSessionAndForAllTogether() throws Exception {
        restart(Listeners.options(10, 10, 2, 100));
        RawClient client = subscribed(3);
        RawClient other = listener.open3("e", true);
        other.send(packet(0x82, (short) 5, "tributary/commands/e/#", 1));
        assertThat(other.next()).isEqualTo("90 000501");

        var unused = listener.command("d", "n".repeat(200));
        assertThat(client.next()).as("alone it may be larger").startsWith("32 ");
        assertThat(listener.metric("unacknowledged_bytes")).isEqualTo(200);
        assertThat(listener.reaches("e", "n")).isFalse();
        acknowledge(client, 1);
        hasNothingMore(client);

        unused = listener.command("d", "n".repeat(60));
        assertThat(listener.reaches("e", "n".repeat(41))).isFalse();
        assertThat(listener.reaches("e", "n".repeat(40))).isTrue();
        unused = listener.command("d", "n");
        assertThat(listener.reaches("d", "n")).as("two of a session").isFalse();
        assertThat(listener.reaches("e", "n")).isTrue();
        assertThat(listener.metric("unacknowledged_commands")).isEqualTo(2);
        assertThat(listener.metric("unacknowledged_bytes")).isEqualTo(61);
    }
}
