package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.source.DeviceOutcome;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands to clients that stay; {@link RedeliveryTest} has those that go. */
final class CommandTest {
    /** Of MQTT 5: it expires in a minute, and a user property has its ID. */
    private static final String PROPERTIES_NOW = "19" + "020000003c" + "26" + text("command-id") + text("c-now");

    private static final String TOPIC = text("tributary/commands/d/reboot");

    private ListenerFixture listener;

    @BeforeEach
    void start() throws Exception {
        listener = new ListenerFixture();
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String text) {
        return "%04x".formatted(text.length()) + hex(text);
    }

    @Test
    void subscriptions_areForTheClientsOwnCommandsOnly() throws Exception {
        RawClient client = listener.open5("d");
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
        assertThat(listener.reaches("d", "now")).isFalse();
        assertThat(listener.command("d", "now").join().kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
        RawClient old = listener.open3("e", true);
        old.send(packet(0x82, (short) 5, "in/+/+", 1, "tributary/commands/e/x", 1));
        assertThat(old.next()).isEqualTo("90 0005" + "8001");
        old.send(packet(0xa2, (short) 6, "in/+/+"));
        assertThat(old.next()).isEqualTo("b0 0006");
        RawClient wild = listener.open5("+").send(packet(0x82, (short) 5, 0, "tributary/commands/+/#", 1));
        assertThat(wild.next()).isEqualTo("90 00050080");
    }

    @Test
    void command_isDoneOnceTheDeviceAcknowledges() throws Exception {
        RawClient client = subscribed(1);
        CompletableFuture<DeviceOutcome> first = listener.command("d", "now");
        CompletableFuture<DeviceOutcome> second = listener.command("d", "no");

        assertThat(client.next()).isEqualTo("32 " + TOPIC + "0001" + PROPERTIES_NOW + hex("now"));
        assertThat(client.next()).startsWith("32 " + TOPIC + "0002").endsWith(text("c-no") + hex("no"));
        assertThat(first).isNotDone();
        client.send(packet(0x40, (short) 1));
        assertThat(first.join().kind()).isEqualTo(DeviceOutcome.Kind.DONE);
        client.send(packet(0x40, (short) 2, 0x83, 0));
        assertThat(second.join().kind()).isEqualTo(DeviceOutcome.Kind.FAILED);
    }

    @Test
    void commandWithQos0_isSentAndUnknown() throws Exception {
        RawClient client = subscribed(0);
        assertThat(listener.command("d", "now").join().kind()).isEqualTo(DeviceOutcome.Kind.UNKNOWN);
        assertThat(client.next()).isEqualTo("30 " + TOPIC + PROPERTIES_NOW + hex("now"));
    }

    @Test
    void commandToAClientOf3_hasNothingButItsPayload() throws Exception {
        RawClient client = listener.open3("d", true);
        client.send(packet(0x82, (short) 1, "tributary/commands/d/#", 1));
        assertThat(client.next()).isEqualTo("90 000101");
        CompletableFuture<DeviceOutcome> outcome = listener.command("d", "now");
        assertThat(client.next()).isEqualTo("32 " + TOPIC + "0001" + hex("now"));
        assertThat(outcome).isNotDone();
    }

    private RawClient subscribed(int qos) throws Exception {
        RawClient client = listener.open5("d");
        client.send(packet(0x82, (short) 5, 0, "tributary/commands/d/#", qos));
        assertThat(client.next()).isEqualTo("90 000500" + "%02x".formatted(qos));
        return client;
    }
}
