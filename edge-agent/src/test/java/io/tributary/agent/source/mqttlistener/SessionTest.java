package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.DISCONNECT;
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

import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.NumberDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions, keep-alive, flow control and subscriptions, in the scenarios of the public suites, re-told for an ingest-only endpoint. */
final class SessionTest {
    private static final String PRESENT3 = "20 0100";
    private static final String FRESH3 = "20 0000";

    private ListenerFixture listener;

    @BeforeEach
    void start() throws Exception {
        listener = new ListenerFixture(Listeners.options(16 << 10, 100, 10));
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
    }

    private static byte[] expiry(int seconds) {
        return properties(
                0x11,
                new byte[] {(byte) (seconds >> 24), (byte) (seconds >> 16), (byte) (seconds >> 8), (byte) seconds});
    }

    private boolean present5(String id, byte[] properties, byte[] disconnect) throws IOException {
        RawClient client = listener.connect(connect5(id, false, 60, properties));
        String answer = client.next();
        assertThat(answer).matches("20 0[01]00.*");
        client.send(disconnect);
        assertThat(client.next()).isEqualTo("closed");
        return answer.startsWith("20 01");
    }

    // ---- sessions ----

    @Test
    void cleanSession_of3_isForgotten_andAnOtherOneKept() throws Exception {
        for (boolean[] step :
                new boolean[][] {{false, false}, {false, true}, {true, false}, {false, false}, {false, true}}) {
            RawClient client = listener.connect(connect3("d", step[0], 60));
            assertThat(client.next()).isEqualTo(step[1] ? PRESENT3 : FRESH3);
            client.send(DISCONNECT);
            assertThat(client.next()).isEqualTo("closed");
        }
    }

    @Test
    void sessionOf5_livesAsLongAsItsExpiry_andTheDisconnectMayChangeIt() throws Exception {
        assertThat(present5("d", expiry(0), DISCONNECT)).isFalse();
        assertThat(present5("d", expiry(5), DISCONNECT)).isFalse();
        listener.advance(Duration.ofSeconds(2));
        assertThat(present5("d", expiry(5), DISCONNECT)).isTrue();
        listener.advance(Duration.ofSeconds(6));
        assertThat(present5("d", expiry(1), packet(0xe0, 0, expiry(5)))).isFalse();
        listener.advance(Duration.ofSeconds(3));
        assertThat(present5("d", expiry(1), packet(0xe0, 0, expiry(0)))).isTrue();
        assertThat(present5("d", NO_PROPERTIES, DISCONNECT)).isFalse();
    }

    @Test
    void sessionOf5_isBoundedByTheListener_whichSaysSo() throws Exception {
        RawClient client = listener.connect(connect5("d", true, 60, expiry(-1)));
        assertThat(client.next()).contains("1100000e10");
        client.close();
        listener.advance(Duration.ofMinutes(59));
        assertThat(present5("d", expiry(-1), DISCONNECT)).isTrue();
        listener.advance(Duration.ofMinutes(61));
        assertThat(present5("d", expiry(-1), DISCONNECT)).isFalse();
    }

    @Test
    void cleanStart_dropsWhatTheSessionKnew() throws Exception {
        RawClient first = listener.connect(connect5("d", true, 60, expiry(100)));
        first.next();
        first.send(publish5(2, 7, "in/d/c", "1"));
        assertThat(first.next()).isEqualTo("50 0007");
        RawClient second = listener.connect(connect5("d", true, 60, expiry(100)));
        assertThat(second.next()).startsWith("20 0000");
        assertThat(first.next()).startsWith("e0 8e");
        second.send(pubRel(7));
        assertThat(second.next()).isEqualTo("70 00079200");
    }

    @Test
    void clientsWithoutId_getOneEach_alsoWithoutACleanStart() throws Exception {
        String first = listener.connect(connect5("", false, 60, NO_PROPERTIES)).next();
        String second = listener.connect(connect5("", true, 60, NO_PROPERTIES)).next();
        String assigned = "120029" + hex("auto-");
        assertThat(first).startsWith("20 0000").contains(assigned);
        assertThat(second).startsWith("20 0000").contains(assigned).isNotEqualTo(first);
        assertThat(listener.connect(connect3("", true, 60)).next()).isEqualTo(FRESH3);
        assertThat(listener.connect(connect3("", true, 60)).next()).isEqualTo(FRESH3);
    }

    @Test
    void takeover_of3_closesTheOlderOne_andKeepsItsState() throws Exception {
        RawClient first = listener.open3("d", false);
        first.send(publish3(2, 7, "in/d/c", "1"));
        assertThat(first.next()).isEqualTo("50 0007");
        RawClient second = listener.connect(connect3("d", false, 60));
        assertThat(second.next()).isEqualTo(PRESENT3);
        assertThat(first.next()).isEqualTo("closed");
        second.send(pubRel(7), pubRel(7));
        assertThat(second.next()).isEqualTo("70 0007");
        assertThat(second.next()).isEqualTo("70 0007");
    }

    @Test
    void everyStepOfQos2_mayBeRepeatedOnAnotherConnection() throws Exception {
        RawClient client = listener.open3("d", false);
        client.send(publish3(2, 7, "in/d/c", "1"));
        assertThat(client.next()).isEqualTo("50 0007");
        for (int i = 0; i < 3; i++) {
            client = again(client);
            client.send(packet(0x3c, "in/d/c", (short) 7, new byte[] {'1'}));
            assertThat(client.next()).isEqualTo("50 0007");
        }
        client.send(pubRel(7));
        assertThat(client.next()).isEqualTo("70 0007");
        client = again(client);
        client.send(pubRel(7));
        assertThat(client.next()).isEqualTo("70 0007");
        // The identifier is free again: the same bytes are another message.
        client.send(publish3(2, 7, "in/d/c", "1"));
        assertThat(client.next()).isEqualTo("50 0007");
        assertThat(NumberDecoder.values(listener.intake)).containsExactly(1L, 1L);
    }

    private RawClient again(RawClient before) throws IOException {
        before.close();
        RawClient client = listener.connect(connect3("d", false, 60));
        assertThat(client.next()).isEqualTo(PRESENT3);
        return client;
    }

    @Test
    void qos1_withDup_isTakenAgain() throws Exception {
        RawClient client = listener.open3("d", true);
        client.send(publish3(1, 7, "in/d/c", "1"), packet(0x3a, "in/d/c", (short) 7, new byte[] {'1'}));
        assertThat(client.next()).isEqualTo("40 0007");
        assertThat(client.next()).isEqualTo("40 0007");
        assertThat(NumberDecoder.values(listener.intake)).containsExactly(1L, 1L);
    }

    @Test
    void retainedAndDollarTopics_areMessagesLikeOthers() throws Exception {
        RawClient client = listener.open5("d");
        client.send(packet(0x33, "in/d/c", (short) 1, 0, new byte[] {'1'}), publish5(1, 2, "$SYS/d/c", "1"));
        assertThat(client.next()).isEqualTo("40 0001");
        assertThat(client.next()).isEqualTo("40 00029000");
    }

    // ---- keep-alive ----

    @Test
    void silentFor1AndAHalfOfItsKeepAlive_isClosed_notBefore() throws Exception {
        RawClient old = listener.connect(connect3("a", true, 10));
        RawClient client = listener.connect(connect5("b", true, 10, NO_PROPERTIES));
        old.next();
        client.next();
        listener.advance(Duration.ofSeconds(14));
        old.send(PINGREQ);
        client.send(publish5(1, 1, "in/d/c", "1"));
        assertThat(old.next()).isEqualTo("d0 ");
        assertThat(client.next()).isEqualTo("40 0001");
        listener.advance(Duration.ofSeconds(14));
        old.send(PINGREQ);
        assertThat(old.next()).isEqualTo("d0 ");
        listener.advance(Duration.ofSeconds(2));
        assertThat(client.next()).startsWith("e0 8d");
        assertThat(client.next()).isEqualTo("closed");
        listener.advance(Duration.ofSeconds(14));
        assertThat(old.next()).isEqualTo("closed");
    }

    @Test
    void withoutKeepAlive_aClientOf5GetsTheListeners_andOneOf3MayBeIdle() throws Exception {
        RawClient none = listener.connect(connect5("a", true, 0, NO_PROPERTIES));
        assertThat(none.next()).contains("130708");
        RawClient longer = listener.connect(connect5("b", true, 3600, NO_PROPERTIES));
        assertThat(longer.next()).contains("130708");
        RawClient shorter = listener.connect(connect5("c", true, 1000, NO_PROPERTIES));
        assertThat(shorter.next()).doesNotContain("1303e8");
        RawClient old = listener.connect(connect3("d", true, 0));
        old.next();
        listener.advance(Duration.ofMinutes(9));
        old.send(PINGREQ);
        assertThat(old.next()).isEqualTo("d0 ");
        listener.advance(Duration.ofMinutes(11));
        assertThat(old.next()).isEqualTo("closed");
        none.send(PINGREQ);
        assertThat(none.next()).isEqualTo("d0 ");
    }

    @Test
    void notLetInInTime_isClosed() throws Exception {
        RawClient client = listener.connect(new byte[] {0x10});
        listener.connect(connect3("d", true, 60)).next(); // the first one has been accepted by then
        listener.advance(Duration.ofSeconds(11));
        assertThat(client.next()).isEqualTo("closed");
    }

    // ---- flow control ----

    @Test
    void receiveMaximum_countsQos2UntilItsEnd_andQos0NotAtAll() throws Exception {
        RawClient client = listener.open5("d");
        for (int i = 1; i <= 10; i++) {
            client.send(publish5(2, i, "in/d/c", "1"));
            assertThat(client.next()).startsWith("50 ");
        }
        client.send(publish5(0, 0, "in/d/c", "1"), pubRel(1));
        assertThat(client.next()).isEqualTo("70 0001");
        client.send(publish5(1, 11, "in/d/c", "1"));
        assertThat(client.next()).isEqualTo("40 000b");
        client.send(publish5(2, 12, "in/d/c", "1"));
        assertThat(client.next()).isEqualTo("50 000c");
        client.send(publish5(1, 13, "in/d/c", "1"));
        assertThat(client.next()).startsWith("e0 93");
        assertThat(client.next()).isEqualTo("closed");
    }

    @Test
    void receiveMaximum_isFreedByARefusal() throws Exception {
        RawClient client = listener.open5("d");
        for (int i = 1; i <= 30; i++) {
            client.send(publish5(2, i, "in/d/c", "x"));
            assertThat(client.next()).startsWith("50 00").contains("99");
        }
    }

    @Test
    void commands_keepTheReceiveMaximumOfTheClient() throws Exception {
        RawClient client = listener.open5("d", properties(0x21, (short) 2));
        subscribe(client, 1, NO_PROPERTIES, "tributary/commands/d/#", 1);
        List<CompletableFuture<DeviceOutcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            outcomes.add(command());
        }
        assertThat(client.next()).startsWith("32 ");
        assertThat(client.next()).startsWith("32 ");
        assertThat(listener.reaches("d", "now")).isFalse();
        assertThat(outcomes.get(2).join().kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
        client.send(packet(0x40, (short) 1));
        assertThat(outcomes.get(0).join().kind()).isEqualTo(DeviceOutcome.Kind.DONE);
        var unused = command();
        assertThat(client.next()).startsWith("32 ");
    }

    @Test
    void commands_keepTheMaximumPacketSizeOfTheClient() throws Exception {
        RawClient client = listener.open5("d", properties(0x27, new byte[] {0, 0, 0, 64}));
        subscribe(client, 1, NO_PROPERTIES, "tributary/commands/d/#", 1);
        assertThat(command().join().kind()).isEqualTo(DeviceOutcome.Kind.FAILED);
        client.send(PINGREQ);
        assertThat(client.next()).isEqualTo("d0 ");
    }

    // ---- subscriptions ----

    @Test
    void subscriptionIdentifiers_comeWithTheCommand_ofEveryFilterThatMatches() throws Exception {
        RawClient client = listener.open5("d");
        subscribe(client, 1, properties(0x0b, 2), "tributary/commands/d/#", 1);
        subscribe(client, 2, properties(0x0b, 3), "tributary/commands/d/+", 0);
        subscribe(client, 3, properties(0x0b, 4), "tributary/commands/d/other", 1);
        subscribe(client, 4, NO_PROPERTIES, "tributary/commands/d/reboot", 1);
        var unused = command();
        String topic = "001b" + hex("tributary/commands/d/reboot");
        assertThat(client.next())
                .startsWith("32 " + topic + "0001")
                .containsOnlyOnce("0b02" + "0b03")
                .doesNotContain("0b04")
                .endsWith(hex("now"));
        client.send(PINGREQ);
        assertThat(client.next()).as("the command came once").isEqualTo("d0 ");
    }

    @Test
    void qos2_isGrantedAsQos1_andSubscribingAgainReplaces() throws Exception {
        RawClient client = listener.open5("d");
        subscribe(client, 1, NO_PROPERTIES, "tributary/commands/d/#", 2);
        subscribe(client, 2, NO_PROPERTIES, "tributary/commands/d/#", 0);
        assertThat(command().join().kind()).isEqualTo(DeviceOutcome.Kind.UNKNOWN);
        assertThat(client.next()).startsWith("30 ");
    }

    @Test
    void subscriptions_belongToTheSession() throws Exception {
        RawClient first = listener.open3("d", false);
        first.send(packet(0x82, (short) 1, "tributary/commands/d/#", 1));
        assertThat(first.next()).isEqualTo("90 000101");
        RawClient second = again(first);
        var unused = command();
        assertThat(second.next()).startsWith("32 ");
        second.send(packet(0x40, (short) 1), packet(0xa2, (short) 2, "tributary/commands/d/#"));
        assertThat(second.next()).isEqualTo("b0 0002");
        assertThat(command().join().kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
    }

    private void subscribe(RawClient client, int id, byte[] properties, String filter, int qos) throws IOException {
        client.send(packet(0x82, (short) id, properties, filter, qos));
        assertThat(client.next()).isEqualTo("90 000" + id + "000" + Math.min(1, qos));
    }

    private CompletableFuture<DeviceOutcome> command() {
        return listener.command("d", "now");
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
