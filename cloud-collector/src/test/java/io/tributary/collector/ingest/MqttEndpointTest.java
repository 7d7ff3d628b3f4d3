package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.collector.ingest.mqtt.MqttEndpoint;
import io.tributary.collector.ingest.mqtt.MqttIngestOptions;
import io.tributary.collector.ingest.mqtt.RecordingLink;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.model.BatchCodec;
import io.tributary.mqtt.BrokerLink;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Hello;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The MQTT endpoint on two connections that the test plays the broker of. */
final class MqttEndpointTest {
    private record Connection(RecordingLink link, BrokerLink.Events events) {}

    private final FakeBatchWriter writer = new FakeBatchWriter();
    private final IngestFixture fixture = new IngestFixture(writer, writer);
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final MqttEndpoint endpoint = new MqttEndpoint(
            new MqttIngestOptions(
                    new HostPort("127.0.0.1", 1883),
                    "test",
                    null,
                    null,
                    null,
                    false,
                    "g",
                    2,
                    64,
                    new ByteSize(64 << 20),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(1),
                    Duration.ofMillis(10)),
            IngestFixture.options(),
            fixture.endpoint,
            fixture.metrics,
            new SplittableRandom(1),
            System::nanoTime,
            (options, events) -> {
                RecordingLink link = new RecordingLink();
                connections.add(new Connection(link, events));
                return link;
            });
    private int ids;

    @BeforeEach
    void connect() {
        endpoint.start();
        await().until(() -> fixture.metric("tributary_collector_mqtt_connected") == 2);
    }

    @AfterEach
    void close() {
        endpoint.close();
        fixture.close();
        writer.close();
    }

    private void say(int connection, String agent, AgentMessage.Builder message, long session, long next) {
        Connection over = connections.get(connection);
        byte[] bytes = message.setEpoch(1)
                .setSession(session)
                .setNextSequence(next)
                .build()
                .toByteArray();
        over.events.arrived(over.link, new BrokerLink.Arrival("tributary/v1/" + agent + "/up", bytes, 1, ++ids, false));
    }

    private static AgentMessage.Builder hello(String agent, long next) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder().setAgent(agent).setEpoch(1).setNextSequence(next));
    }

    private static AgentMessage.Builder delivery(long first, int rows) throws Exception {
        byte[] batch =
                IngestFixture.batch("d", IngestFixture.NOW_NS + first * 1_000_000_000L - 3_600_000_000_000L, rows);
        return AgentMessage.newBuilder()
                .setDelivery(Delivery.newBuilder()
                        .setFirstSequence(first)
                        .setReadingCount(BatchCodec.readingCount(batch))
                        .setBatch(ByteString.copyFrom(batch)));
    }

    private List<CollectorMessage> answers(String agent) {
        return connections.stream()
                .flatMap(each -> each.link.published.stream())
                .filter(each -> each.topic().equals("tributary/v1/" + agent + "/down"))
                .map(each -> {
                    try {
                        return CollectorMessage.parseFrom(each.payload());
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private boolean isAnswered(String agent, CollectorMessage.MessageCase kind, long session) {
        return answers(agent).stream().anyMatch(each -> each.getMessageCase() == kind && each.getSession() == session);
    }

    @Test
    void connections_shareASubscription() {
        assertThat(connections)
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.link.subscribed).containsExactly("$share/g/tributary/v1/+/up"));
        endpoint.stopAccepting();
        assertThat(connections)
                .allSatisfy(each -> assertThat(each.link.subscribed).isEmpty());
    }

    @Test
    void aSessionOverBothConnections_isOne() throws Exception {
        say(0, "a", hello("a", 0), 5, 0);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.WELCOME, 5));
        for (int i = 0; i < 20; i++) {
            say(i % 2, "a", delivery(i * 4L, 2), 5, i * 4L + 4);
        }
        await().until(() -> writer.storedReadings() == 80);
        await().until(() -> connections.stream()
                        .mapToInt(each -> each.link.acknowledged.size())
                        .sum()
                == 21);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.ACKNOWLEDGEMENT, 5));
        assertThat(fixture.metric("tributary_collector_mqtt_waiting_bytes")).isZero();
    }

    @Test
    void aDeliveryOfAnUnknownSession_joinsIt() throws Exception {
        say(1, "a", delivery(100, 2), 5, 104);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.WELCOME, 5));
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.ACKNOWLEDGEMENT, 5));
        assertThat(writer.storedReadings()).isEqualTo(4);
    }

    @Test
    void anEarlierSession_isToldOfTheLater() throws Exception {
        say(0, "a", hello("a", 0), 9, 0);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.WELCOME, 9));
        say(1, "a", delivery(0, 2), 5, 4);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.SESSION_END, 5));
        CollectorMessage end = answers("a").stream()
                .filter(CollectorMessage::hasSessionEnd)
                .findFirst()
                .orElseThrow();
        assertThat(end.getSessionEnd().getLatestSession()).isEqualTo(9);
        assertThat(writer.storedReadings()).isZero();
        say(0, "a", hello("a", 0), 5, 0); // the agent's clock went back: its hello counts
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.WELCOME, 5));
    }

    @Test
    void aHelloOfAnotherAgent_isRefused() {
        say(0, "a", hello("b", 0), 5, 0);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.SESSION_END, 5));
        assertThat(answers("b")).isEmpty();
        assertThat(connections.get(0).link.acknowledged).containsExactly(1);
        assertThat(fixture.metric("tributary_collector_mqtt_refused")).isEqualTo(1);
    }

    @Test
    void senselessBytes_areAcknowledgedAndCounted() {
        Connection over = connections.get(0);
        for (String topic : List.of("tributary/v1/a/up", "tributary/v1/a/b/up")) {
            over.events.arrived(over.link, new BrokerLink.Arrival(topic, new byte[] {1, 2, 3}, 1, ++ids, false));
        }
        assertThat(over.link.acknowledged).containsExactly(1, 2);
        assertThat(fixture.metric("tributary_collector_mqtt_refused")).isEqualTo(2);
    }

    @Test
    void anAgentThatWaits_doesNotHoldUpOthers_norMoreThanItsShare() throws Exception {
        writer.setFull(true);
        say(0, "a", hello("a", 0), 5, 0);
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.WELCOME, 5));
        byte[] large = new byte[3 << 20];
        for (int i = 0; i < 6; i++) {
            say(
                    i % 2,
                    "a",
                    AgentMessage.newBuilder()
                            .setDelivery(Delivery.newBuilder()
                                    .setFirstSequence(i)
                                    .setReadingCount(1)
                                    .setBatch(ByteString.copyFrom(large))),
                    5,
                    i + 1);
        }
        await().until(() -> isAnswered("a", CollectorMessage.MessageCase.SESSION_END, 5));
        say(1, "b", hello("b", 0), 7, 0);
        await().until(() -> isAnswered("b", CollectorMessage.MessageCase.WELCOME, 7));
        writer.setFull(false);
    }

    /** HiveMQ CE hands on what it has kept over a kill when it is asked, and forgets to do so by itself. */
    @Test
    void silence_isMetBySubscribingAgain_untilTheEnd() {
        await().until(() -> fixture.metric("tributary_collector_mqtt_resubscribes") >= 2);
        assertThat(connections)
                .allSatisfy(each ->
                        assertThat(each.link().subscribed).isNotEmpty().containsOnly("$share/g/tributary/v1/+/up"));
        endpoint.stopAccepting();
        double made = fixture.metric("tributary_collector_mqtt_resubscribes");
        assertThat(connections)
                .allSatisfy(each -> assertThat(each.link().subscribed).isEmpty());
        endpoint.close();
        assertThat(fixture.metric("tributary_collector_mqtt_resubscribes")).isEqualTo(made);
    }
}
