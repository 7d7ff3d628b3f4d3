package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.Outboxes;
import io.tributary.config.HostPort;
import io.tributary.model.SequenceRange;
import io.tributary.mqtt.BrokerLink;
import io.tributary.mqtt.MqttVersion;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.SessionEnd;
import io.tributary.proto.v1.Welcome;
import io.tributary.tls.CertificateTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A session through a broker that the test plays; everything happens on its thread. */
final class MqttSessionTest {
    private static final long NUMBER = 7;
    private static final long EPOCH = 3;
    private static final int WINDOW = 4;
    private static final SessionHello HELLO = new SessionHello("a", EPOCH, 100, 100, "test");

    private final ManualClock clock = new ManualClock();
    private final Heard heard = new Heard();
    private final Link link = new Link();
    private final List<Long> later = new ArrayList<>();
    private final MqttSession session = new MqttSession(
            new MqttUplinkOptions(
                    "a",
                    new HostPort("127.0.0.1", 1),
                    MqttVersion.V5,
                    "client",
                    null,
                    null,
                    null,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30)),
            HELLO,
            NUMBER,
            heard,
            clock,
            new Unknown(),
            Runnable::run,
            later::add,
            (options, events) -> {
                link.will = options.will();
                return link;
            });

    private static Stamped batch(long first) {
        OutboxRecord record = new OutboxRecord(1, first, Outboxes.batch(5, 0));
        return new Stamped(record, record.batch().bytes(), null);
    }

    private void welcomed() throws Exception {
        session.start();
        answer(NUMBER, 1, welcome());
    }

    private static CollectorMessage.Builder welcome(SequenceRange... received) {
        Welcome.Builder welcome = Welcome.newBuilder().setCollector("c").setCreditBytes(1000);
        for (SequenceRange each : received) {
            welcome.addReceived(range(each.first(), each.count()));
        }
        return CollectorMessage.newBuilder().setWelcome(welcome);
    }

    private static CollectorMessage.Builder acknowledgement(long first, long count) {
        return CollectorMessage.newBuilder()
                .setAcknowledgement(Acknowledgement.newBuilder().addRanges(range(first, count)));
    }

    private static io.tributary.proto.v1.SequenceRange range(long first, long count) {
        return io.tributary.proto.v1.SequenceRange.newBuilder()
                .setFirst(first)
                .setCount(count)
                .build();
    }

    private void answer(long number, int id, CollectorMessage.Builder message) {
        session.arrived(
                link,
                new BrokerLink.Arrival(
                        "tributary/v1/a/down",
                        message.setSession(number).build().toByteArray(),
                        1,
                        id,
                        false));
    }

    @Test
    void hello_comesFirst_whenTheAnswersHaveSomewhereToGo() throws Exception {
        assertThat(session.isReady()).isFalse();
        session.start();
        assertThat(link.log).containsExactly("connect", "subscribe tributary/v1/a/down", "publish");
        AgentMessage hello = link.sent(0);
        assertThat(hello.getHello().getAgent()).isEqualTo("a");
        assertThat(hello.getSession()).isEqualTo(NUMBER);
        assertThat(hello.getEpoch()).isEqualTo(EPOCH);
        assertThat(hello.getNextSequence()).isEqualTo(100);
        assertThat(link.topics).containsOnly("tributary/v1/a/up");
        // When the connection breaks the broker says goodbye for us, of this session.
        AgentMessage will = AgentMessage.parseFrom(link.will == null ? new byte[0] : link.will.payload());
        assertThat(will.hasGoodbye()).isTrue();
        assertThat(will.getSession()).isEqualTo(NUMBER);
    }

    @Test
    void brokerThatCannotBeReached_endsTheSession() {
        link.refusal = "connection refused";
        session.start();
        assertThat(heard.log).containsExactly("ended connection refused");
        assertThat(link.log).endsWith("close");
    }

    @Test
    void everyMessage_saysHowFarTheAgentIs_andAnswersAreTakenOneByOne() throws Exception {
        welcomed();
        session.send(batch(100), Lane.LIVE);
        session.send(batch(105), Lane.LIVE);
        assertThat(link.sent(1).getDelivery().getFirstSequence()).isEqualTo(100);
        assertThat(link.sent(1).getNextSequence()).isEqualTo(105);
        assertThat(link.sent(2).getNextSequence()).isEqualTo(110);

        answer(NUMBER, 2, acknowledgement(100, 5));
        answer(NUMBER, 3, acknowledgement(105, 5));
        assertThat(heard.log).containsExactly("welcome c", "acknowledged 100+5", "acknowledged 105+5");
        // PUBACK when the forwarder has dealt with it, in order.
        assertThat(link.acknowledged).isEmpty();
        session.next();
        session.next();
        assertThat(link.acknowledged).containsExactly(1, 2);
    }

    @Test
    void anotherSessionsAnswers_areNotHeard() throws Exception {
        welcomed();
        answer(NUMBER - 1, 5, acknowledgement(100, 5));
        session.arrived(link, new BrokerLink.Arrival("tributary/v1/a/down", new byte[] {(byte) 0xff}, 1, 6, false));
        assertThat(heard.log).containsExactly("welcome c");
        assertThat(link.acknowledged).containsExactly(5, 6);
    }

    @Test
    void acknowledgementBeforeTheWelcome_isNotBelieved() {
        session.start();
        answer(NUMBER, 2, acknowledgement(100, 5));
        assertThat(heard.log).isEmpty();
    }

    @Test
    void secondWelcome_isACollectorThatJoins_andTellsWhatItHolds() throws Exception {
        welcomed();
        session.send(batch(100), Lane.LIVE);
        answer(NUMBER, 2, welcome(new SequenceRange(100, 5)));
        assertThat(heard.log).containsExactly("welcome c", "acknowledged 100+5");
        clock.advance(Duration.ofSeconds(60).toNanos());
        assertThat(session.isReady()).isTrue();
    }

    @Test
    void deliveryThatIsNotAcknowledged_wasLostOnTheWay() throws Exception {
        welcomed();
        session.send(batch(100), Lane.LIVE);
        session.send(batch(105), Lane.LIVE);
        answer(NUMBER, 2, acknowledgement(105, 5));
        clock.advance(Duration.ofSeconds(29).toNanos());
        assertThat(session.isReady()).isTrue();
        clock.advance(Duration.ofSeconds(1).toNanos());
        assertThat(session.isReady()).isFalse();
        assertThat(heard.last()).isEqualTo("ended the delivery at sequence 100 was not acknowledged within 30000 ms");
        assertThat(link.log).endsWith("close");
    }

    @Test
    void windowOfTheBroker_holdsTheForwarderBack() throws Exception {
        link.settles = false;
        welcomed();
        session.send(batch(100), Lane.LIVE);
        assertThat(session.isReady()).isTrue();
        session.send(batch(105), Lane.LIVE);
        assertThat(session.isReady()).as("three of four, with the hello").isFalse();
        link.settle(BrokerLink.Outcome.TAKEN);
        assertThat(session.isReady()).isTrue();
        assertThat(heard.log).contains("ready");
    }

    @Test
    void whatTheBrokerSays_endsTheSession() throws Exception {
        link.settles = false;
        welcomed();
        link.settle(BrokerLink.Outcome.NOBODY);
        assertThat(heard.last()).isEqualTo("ended no collector has subscribed at the broker");
    }

    @Test
    void refusedMessage_andLostConnection_endIt_once() throws Exception {
        link.settles = false;
        welcomed();
        link.settle(BrokerLink.Outcome.REFUSED);
        session.lost(link, "reset");
        assertThat(heard.log).hasSize(2);
        assertThat(heard.last()).startsWith("ended the broker refused a message on tributary/v1/a/up");
        session.send(batch(100), Lane.LIVE);
        assertThat(link.topics).as("nothing is said after the end").hasSize(1);
    }

    @Test
    void packetTooLargeForTheBroker_isToldWithItsRemedy() throws Exception {
        link.packetBytesMax = 5_000;
        welcomed();
        OutboxRecord large = new OutboxRecord(1, 100, Outboxes.batch(5, 0));
        session.send(new Stamped(large, new byte[5_000], null), Lane.BACKLOG);
        assertThat(heard.last()).contains("the broker takes packets of 5000", "outbox.batch-readings");
    }

    @Test
    void collectorThatKnowsALaterSession_isBelieved() throws Exception {
        session.start();
        answer(
                NUMBER,
                2,
                CollectorMessage.newBuilder()
                        .setSessionEnd(SessionEnd.newBuilder().setReason("late").setLatestSession(40)));
        assertThat(later).containsExactly(40L);
        assertThat(heard.last()).isEqualTo("ended the collector ended the session: late");
    }

    @Test
    void outboxThatWentBack_isToldAsThat() {
        session.start();
        answer(
                NUMBER,
                2,
                CollectorMessage.newBuilder()
                        .setSessionEnd(SessionEnd.newBuilder().setReason("back").setOutboxWentBack(true)));
        assertThat(heard.log).containsExactly("wentBack back");
    }

    @Test
    void finish_saysGoodbyeToWhomHasWelcomedIt() throws Exception {
        welcomed();
        session.finish();
        assertThat(link.sent(1).hasGoodbye()).isTrue();
        assertThat(link.log).endsWith("close");
        assertThat(heard.log).containsExactly("welcome c");
    }

    /** Not asked, as there is no TLS. */
    private static final class Unknown implements CertificateTime {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public boolean isCertain() {
            return false;
        }
    }

    private static final class Link implements BrokerLink {
        final List<String> log = new ArrayList<>();
        final List<String> topics = new ArrayList<>();
        final List<byte[]> payloads = new ArrayList<>();
        final List<Integer> acknowledged = new ArrayList<>();
        final List<Settled> unsettled = new ArrayList<>();
        io.tributary.mqtt.BrokerOptions.@Nullable Will will;

        @Nullable
        String refusal;

        boolean settles = true;
        long packetBytesMax = 1 << 20;

        AgentMessage sent(int index) throws Exception {
            return AgentMessage.parseFrom(payloads.get(index));
        }

        void settle(Outcome outcome) {
            unsettled.remove(0).settled(outcome, "said so");
        }

        @Override
        public boolean connect() throws IOException {
            log.add("connect");
            if (refusal != null) {
                throw new IOException(refusal);
            }
            return false;
        }

        @Override
        public void subscribe(List<String> filters, int qos, boolean retained) {
            log.add("subscribe " + String.join(" ", filters));
        }

        @Override
        public void unsubscribe(List<String> filters) {
            log.add("unsubscribe");
        }

        @Override
        public void acknowledge(int id) {
            acknowledged.add(id);
        }

        @Override
        public void publish(String topic, byte[] payload) {
            throw new AssertionError("QoS 0");
        }

        @Override
        public void publish(String topic, byte[] payload, @Nullable Duration expiry, Settled settled) {
            log.add("publish");
            topics.add(topic);
            payloads.add(payload);
            if (settles) {
                settled.settled(Outcome.TAKEN, "");
            } else {
                unsettled.add(settled);
            }
        }

        @Override
        public int window() {
            return WINDOW;
        }

        @Override
        public long packetBytesMax() {
            return packetBytesMax;
        }

        @Override
        public void close() {
            log.add("close");
        }
    }

    private static final class Heard implements Uplink.Listener {
        final List<String> log = new ArrayList<>();

        String last() {
            return log.get(log.size() - 1);
        }

        @Override
        public void welcome(SessionWelcome welcome) {
            log.add("welcome " + welcome.collector());
        }

        @Override
        public void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
            ranges.forEach(range -> log.add("acknowledged " + range.first() + "+" + range.count()));
        }

        @Override
        public void lossesKnown(long epoch, List<SequenceRange> ranges) {
            log.add("lossesKnown");
        }

        @Override
        public void credit(long bytes) {
            log.add("credit " + bytes);
        }

        @Override
        public void retryAfter(long delayMillis, String reason) {
            log.add("retryAfter " + reason);
        }

        @Override
        public void clockReply(long t1, long t2, long t3, long t4) {
            log.add("clockReply");
        }

        @Override
        public void command(AgentCommand command) {
            log.add("command");
        }

        @Override
        public void desiredConfig(long version, String yaml) {
            log.add("desiredConfig");
        }

        @Override
        public void ready() {
            log.add("ready");
        }

        @Override
        public void wentBack(String reason) {
            log.add("wentBack " + reason);
        }

        @Override
        public void ended(String reason) {
            log.add("ended " + reason);
        }
    }
}
