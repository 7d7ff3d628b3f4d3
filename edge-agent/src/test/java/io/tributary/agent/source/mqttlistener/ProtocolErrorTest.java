package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.NO_PROPERTIES;
import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.bytes;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.connect5;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static io.tributary.agent.source.mqttlistener.Packets.publish3;
import static io.tributary.agent.source.mqttlistener.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What breaks the protocol, by section of the specifications: MQTT 5 clients hear the reason code and are closed, 3.1.1
 * clients are closed, and neither does harm to the next one.
 */
final class ProtocolErrorTest {
    private static final short ID = 5;
    private static final byte[] NOT_UTF8 = {0, 2, (byte) 0xc3, 0x28};
    private static final byte[] SURROGATE = {0, 3, (byte) 0xed, (byte) 0xa0, (byte) 0x80};
    private static final byte[] OVERLONG = {0, 2, (byte) 0xc0, (byte) 0xaf};
    private static final byte[] NUL = {0, 3, 'a', 0, 'b'};
    private static final String MALFORMED = "81";
    private static final String PROTOCOL = "82";

    private static ListenerFixture listener;

    @BeforeAll
    static void start() throws Exception {
        listener = new ListenerFixture();
    }

    @AfterAll
    static void stop() throws Exception {
        listener.close();
    }

    // ---- CONNECT ----

    static Stream<Arguments> connects5() {
        return Stream.of(
                arguments("reserved flag", connectWith(0x03, NO_PROPERTIES, "d"), MALFORMED),
                arguments("will QoS 3", connectWith(0x1e, NO_PROPERTIES, "d", NO_PROPERTIES, "t", "m"), MALFORMED),
                arguments("will QoS without will", connectWith(0x0a, NO_PROPERTIES, "d"), MALFORMED),
                arguments("will retain without will", connectWith(0x22, NO_PROPERTIES, "d"), MALFORMED),
                arguments("will topic with a wildcard", will("a/#"), MALFORMED),
                arguments("empty will topic", will(""), MALFORMED),
                arguments("client ID not UTF-8", connectWith(2, NO_PROPERTIES, NOT_UTF8), MALFORMED),
                arguments("client ID with a surrogate", connectWith(2, NO_PROPERTIES, SURROGATE), MALFORMED),
                arguments("client ID with an overlong form", connectWith(2, NO_PROPERTIES, OVERLONG), MALFORMED),
                arguments("client ID with U+0000", connectWith(2, NO_PROPERTIES, NUL), MALFORMED),
                arguments("client ID too long", connectWith(2, NO_PROPERTIES, "x".repeat(257)), "85"),
                arguments("user name not UTF-8", connectWith(0x82, NO_PROPERTIES, "d", NOT_UTF8), MALFORMED),
                arguments("user name missing", connectWith(0x82, NO_PROPERTIES, "d"), MALFORMED),
                arguments("bytes behind the last field", connectWith(2, NO_PROPERTIES, "d", 1), MALFORMED),
                arguments("receive maximum 0", connectWith(2, properties(0x21, (short) 0), "d"), PROTOCOL),
                arguments("maximum packet size 0", connectWith(2, properties(0x27, new byte[4]), "d"), PROTOCOL),
                arguments("problem information 2", connectWith(2, properties(0x17, 2), "d"), PROTOCOL),
                arguments("response information 2", connectWith(2, properties(0x19, 2), "d"), PROTOCOL),
                arguments(
                        "session expiry twice",
                        connectWith(2, properties(0x11, new byte[4], 0x11, new byte[4]), "d"),
                        PROTOCOL),
                arguments("a property of PUBLISH", connectWith(2, properties(0x23, (short) 1), "d"), PROTOCOL),
                arguments("a property of servers", connectWith(2, properties(0x13, (short) 1), "d"), PROTOCOL),
                arguments("an unknown property", connectWith(2, properties(0x7e, 1), "d"), MALFORMED),
                arguments("a property cut off", connectWith(2, properties(0x11, 1), "d"), MALFORMED),
                arguments("properties beyond the packet", connectWith(2, new byte[] {90}, "d"), MALFORMED),
                arguments("length of properties in five bytes", connectWith(2, overlong(5), "d"), MALFORMED),
                arguments("length of properties not in the fewest", connectWith(2, overlong(2), "d"), MALFORMED),
                arguments("authentication method", connectWith(2, properties(0x15, "SCRAM"), "d"), "8c"),
                arguments("authentication data alone", connectWith(2, properties(0x16, "x"), "d"), PROTOCOL));
    }

    private static byte[] connectWith(int flags, byte[] properties, Object... payload) {
        return packet(0x10, "MQTT", 5, flags, (short) 60, properties, bytes(payload));
    }

    private static byte[] will(String topic) {
        return connectWith(0x06, NO_PROPERTIES, "d", NO_PROPERTIES, topic, "gone");
    }

    /** Zero in more bytes than it needs. */
    private static byte[] overlong(int length) {
        byte[] digits = new byte[length];
        for (int i = 0; i < length - 1; i++) {
            digits[i] = (byte) 0x80;
        }
        return digits;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("connects5")
    void connect5_isRefusedWithItsReason(String what, byte[] connect, String reason) throws Exception {
        RawClient client = listener.connect(connect);
        assertThat(client.next()).startsWith("20 00" + reason);
        assertThat(client.next()).isEqualTo("closed");
    }

    static Stream<Arguments> connects3() {
        return Stream.of(
                arguments("MQTT 3.1", packet(0x10, "MQIsdp", 3, 2, (short) 60, "d"), "20 0001"),
                arguments("level 3 as MQTT", packet(0x10, "MQTT", 3, 2, (short) 60, "d"), "20 0001"),
                arguments("level 6", packet(0x10, "MQTT", 6, 2, (short) 60, 0, "d"), "20 0001"),
                arguments("another protocol", packet(0x10, "hj", 4, 2, (short) 60, "d"), "20 0001"),
                arguments("no ID for a session", connect3("", false, 60), "20 0002"),
                arguments("ID too long", connect3("x".repeat(257), true, 60), "20 0002"),
                arguments("protocol name not UTF-8", packet(0x10, NOT_UTF8, 4, 2, (short) 60, "d"), "closed"),
                arguments("ID not UTF-8", packet(0x10, "MQTT", 4, 2, (short) 60, NOT_UTF8), "closed"),
                arguments("ID with U+0000", packet(0x10, "MQTT", 4, 2, (short) 60, NUL), "closed"),
                arguments("reserved flag", packet(0x10, "MQTT", 4, 3, (short) 60, "d"), "closed"),
                arguments("password without a user", packet(0x10, "MQTT", 4, 0x42, (short) 60, "d", "p"), "closed"),
                arguments("will QoS 3", packet(0x10, "MQTT", 4, 0x1e, (short) 60, "d", "t", "m"), "closed"),
                arguments("flags of the packet", packet(0x11, "MQTT", 4, 2, (short) 60, "d"), "closed"),
                arguments(
                        "cut off within a field",
                        packet(0x10, "MQTT", 4, 2, (short) 60, new byte[] {0, 9, 'd'}),
                        "closed"),
                arguments("a CONNECT of 2 MB", new byte[] {0x10, -1, -1, 127, 0, 4, 'M', 'Q', 'T', 'T', 5}, "closed"),
                arguments("PUBLISH first", publish3(0, 0, "in/d/c", "1"), "closed"),
                arguments("PINGREQ first", PINGREQ, "closed"),
                arguments("a TLS hello", new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}, "closed"),
                arguments(
                        "HTTP", "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8), "closed"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("connects3")
    void connectBefore5_isRefusedAsItsVersionCan(String what, byte[] connect, String answer) throws Exception {
        RawClient client = listener.connect(connect);
        assertThat(client.next()).isEqualTo(answer);
        assertThat(client.next()).isEqualTo("closed");
    }

    // ---- once connected ----

    static Stream<Arguments> packets() {
        return Stream.of(
                arguments("a second CONNECT", connect5("d"), connect3("d", true, 60), PROTOCOL),
                arguments("QoS 3", packet(0x36, "in/d/c", ID, 0), packet(0x36, "in/d/c", ID), MALFORMED),
                arguments("DUP with QoS 0", packet(0x38, "in/d/c", 0), packet(0x38, "in/d/c"), MALFORMED),
                arguments("packet ID 0", publish5(1, 0, "in/d/c", "1"), publish3(1, 0, "in/d/c", "1"), PROTOCOL),
                arguments("topic with +", publish5(0, 0, "in/+/c", "1"), publish3(0, 0, "in/+/c", "1"), MALFORMED),
                arguments("topic with #", publish5(0, 0, "in/#", "1"), publish3(0, 0, "in/#", "1"), MALFORMED),
                arguments("topic not UTF-8", packet(0x30, NOT_UTF8, 0), packet(0x30, NOT_UTF8), MALFORMED),
                arguments("topic with a surrogate", packet(0x30, SURROGATE, 0), packet(0x30, SURROGATE), MALFORMED),
                arguments("topic with U+0000", packet(0x30, NUL, 0), packet(0x30, NUL), MALFORMED),
                arguments(
                        "topic too long",
                        publish5(0, 0, "x".repeat(257), "1"),
                        publish3(0, 0, "x".repeat(257), "1"),
                        "90"),
                arguments("topic cut off", packet(0x30, (short) 9, 1), packet(0x30, (short) 9, 1), MALFORMED),
                arguments("flags of PUBREL", packet(0x60, ID), packet(0x60, ID), MALFORMED),
                arguments("flags of SUBSCRIBE", packet(0x80, ID, 0, "a", 0), packet(0x80, ID, "a", 0), MALFORMED),
                arguments("SUBSCRIBE to nothing", packet(0x82, ID, 0), packet(0x82, ID), PROTOCOL),
                arguments(
                        "SUBSCRIBE with ID 0",
                        packet(0x82, (short) 0, 0, "a", 0),
                        packet(0x82, (short) 0, "a", 0),
                        PROTOCOL),
                arguments(
                        "SUBSCRIBE to an empty filter", packet(0x82, ID, 0, "", 0), packet(0x82, ID, "", 0), MALFORMED),
                arguments(
                        "a filter not UTF-8",
                        packet(0x82, ID, 0, NOT_UTF8, 0),
                        packet(0x82, ID, NOT_UTF8, 0),
                        MALFORMED),
                arguments("options missing", packet(0x82, ID, 0, "a"), packet(0x82, ID, "a"), MALFORMED),
                arguments("options reserved", packet(0x82, ID, 0, "a", 0x40), packet(0x82, ID, "a", 0x04), MALFORMED),
                arguments("UNSUBSCRIBE from nothing", packet(0xa2, ID, 0), packet(0xa2, ID), PROTOCOL),
                arguments("flags of UNSUBSCRIBE", packet(0xa0, ID, 0, "a"), packet(0xa0, ID, "a"), MALFORMED),
                arguments("PUBACK with ID 0", packet(0x40, (short) 0), packet(0x40, (short) 0), PROTOCOL),
                arguments("PUBACK of a byte", packet(0x40, 1), packet(0x40, 1), MALFORMED),
                arguments("PINGREQ with content", packet(0xc0, 1), packet(0xc0, 1), MALFORMED),
                arguments("packet type 0", packet(0x00), packet(0x00), MALFORMED),
                arguments("CONNACK", packet(0x20, 0, 0, 0), packet(0x20, 0, 0), PROTOCOL),
                arguments("SUBACK", packet(0x90, ID, 0, 0), packet(0x90, ID, 0), PROTOCOL),
                arguments("UNSUBACK", packet(0xb0, ID, 0, 0), packet(0xb0, ID), PROTOCOL),
                arguments("PINGRESP", packet(0xd0), packet(0xd0), PROTOCOL),
                arguments("flags of DISCONNECT", packet(0xe1), packet(0xe1), MALFORMED),
                arguments("AUTH", packet(0xf0, 0x18, 0), packet(0xf0, 0x18, 0), PROTOCOL),
                arguments("a length of five bytes", tooLongLength(), tooLongLength(), MALFORMED),
                arguments(
                        "a packet above the limit",
                        publish5(0, 0, "in/d/c", "1".repeat(20_000)),
                        publish3(0, 0, "in/d/c", "1".repeat(20_000)),
                        "95"));
    }

    private static byte[] tooLongLength() {
        return new byte[] {0x30, -1, -1, -1, -1, 1};
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    void packetOf5_endsTheConnectionWithItsReason(String what, byte[] bad, byte[] unused, String reason)
            throws Exception {
        RawClient client = listener.open5("d").send(bad);
        assertThat(client.next()).startsWith("e0 " + reason);
        assertThat(client.next()).isEqualTo("closed");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    void packetOf3_endsTheConnection(String what, byte[] unused, byte[] bad, String reason) throws Exception {
        RawClient client = listener.open3("d", true).send(bad);
        assertThat(client.next()).isEqualTo("closed");
    }

    static Stream<Arguments> propertiesOf5() {
        return Stream.of(
                arguments("topic alias 0", publishWith("in/d/c", 0x23, (short) 0), "94"),
                arguments("topic alias above the maximum", publishWith("in/d/c", 0x23, (short) 5), "94"),
                arguments("no topic and no alias", publishWith(""), PROTOCOL),
                arguments("an alias without a topic", publishWith("", 0x23, (short) 4), PROTOCOL),
                arguments("topic alias twice", publishWith("in/d/c", 0x23, (short) 1, 0x23, (short) 1), PROTOCOL),
                arguments("subscription identifier", publishWith("in/d/c", 0x0b, 1), PROTOCOL),
                arguments("payload format 2", publishWith("in/d/c", 0x01, 2), PROTOCOL),
                arguments("response topic with a wildcard", publishWith("in/d/c", 0x08, "a/#"), MALFORMED),
                arguments("content type not UTF-8", publishWith("in/d/c", 0x03, NOT_UTF8), MALFORMED),
                arguments("a user property cut off", publishWith("in/d/c", 0x26, "name"), MALFORMED),
                arguments("a property of CONNECT", publishWith("in/d/c", 0x21, (short) 1), PROTOCOL),
                arguments("subscription identifier 0", subscribeWith(properties(0x0b, 0), 0), PROTOCOL),
                arguments("retain handling 3", subscribeWith(NO_PROPERTIES, 0x30), PROTOCOL),
                arguments("QoS 3 of a filter", subscribeWith(NO_PROPERTIES, 3), PROTOCOL),
                arguments(
                        "no local of a shared subscription",
                        packet(0x82, ID, 0, "$share/g/tributary/commands/d/#", 0x04),
                        PROTOCOL),
                arguments(
                        "session expiry after none",
                        packet(0xe0, 0, properties(0x11, new byte[] {0, 0, 0, 9})),
                        PROTOCOL),
                arguments(
                        "DISCONNECT with a property of PUBLISH",
                        packet(0xe0, 0, properties(0x23, (short) 1)),
                        PROTOCOL));
    }

    private static byte[] publishWith(String topic, Object... properties) {
        return packet(0x30, topic, properties(properties), new byte[] {'1'});
    }

    private static byte[] subscribeWith(byte[] properties, int options) {
        return packet(0x82, ID, properties, "tributary/commands/d/#", options);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("propertiesOf5")
    void propertyOf5_endsTheConnectionWithItsReason(String what, byte[] bad, String reason) throws Exception {
        RawClient client = listener.open5("d").send(bad);
        assertThat(client.next()).startsWith("e0 " + reason);
        assertThat(client.next()).isEqualTo("closed");
    }

    @Test
    void textsAreFreeOtherwise() throws Exception {
        RawClient client = listener.open5("\ufeff\u6e29\u5ea6-\ud83c\udf21-\u0001");
        client.send(
                publish5(1, 1, "in/\ufeff\u6e29\u5ea6/\ud83c\udf21", "1", properties(0x26, "a", "2", 0x26, "a", "3")));
        assertThat(client.next()).isEqualTo("40 0001");
    }

    @Test
    void reasonString_isLeftOut_forAClientOfSmallPackets() throws Exception {
        RawClient client = listener.open5("small", properties(0x27, new byte[] {0, 0, 0, 64}));
        assertThat(client.send(packet(0xc0, 1)).next()).isEqualTo("e0 8100");
    }

    @Test
    void publishAndDisconnectAfterAViolation_areNotHeard() throws Exception {
        int before = (int) listener.intake.readings();
        RawClient client =
                listener.open3("late", true).send(bytes(packet(0x36, "in/d/c", ID), publish3(1, 6, "in/d/c", "1")));
        assertThat(client.next()).isEqualTo("closed");
        assertThat(listener.intake.readings()).isEqualTo(before);
    }
}
