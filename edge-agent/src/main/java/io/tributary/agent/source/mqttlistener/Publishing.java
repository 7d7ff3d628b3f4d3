package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.tributary.agent.source.MessageFeed;
import io.tributary.agent.source.MessageReader;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one connection: topic aliases, quota, QoS, and the answers once their fate is known.
 *
 * <pre>
 * PUBLISH -> decoder -> feed -> intake -> fsync -> PUBACK or PUBREC
 * </pre>
 *
 * Of the event loop.
 */
final class Publishing {
    /** Beside {@code pendingBytesMax} for all: one connection must not use up what others need. */
    private static final long CONNECTION_BYTES_MAX = 1 << 20;

    private final ListenerContext shared;
    private final Connection connection;
    private final Session session;
    private final MessageFeed feed;
    private final boolean version5;
    private @Nullable String @Nullable [] aliases;
    /** PUBLISH with QoS above 0 that has not got its PUBACK or PUBCOMP on this connection. */
    private int quotaUsed;

    Publishing(ListenerContext shared, Connection connection, Session session, boolean version5) {
        this.shared = shared;
        this.connection = connection;
        this.session = session;
        this.version5 = version5;
        this.feed = shared.feeds().feed(connection::update);
    }

    void publish(MqttPublishMessage publish) throws Violation {
        int qos = publish.fixedHeader().qosLevel().value();
        int id = publish.variableHeader().packetId();
        shared.counts().received(qos);
        String topic = topic(publish);
        if (qos > 0) {
            spendQuota();
        }
        if (qos == 2 && isRepeated(id)) {
            shared.metrics().repeated.labelValues(shared.name()).inc();
            return;
        }
        byte[] payload = ByteBufUtil.getBytes(publish.payload());
        long arrival = shared.stamps().next();
        MessageReader.Result read = shared.reader().read(topic, payload);
        // A message of QoS 2 that is on its way stays so: its client may have sent it again on another connection.
        feed.add(read, payload, arrival, qos == 1, (outcome, cause, detail) -> {
            shared.counts().settled(outcome);
            settled(qos, id, outcome, cause, detail);
        });
    }

    /** After all packets that came together: they go to the intake as one. */
    void submit() {
        feed.submit();
    }

    /** The name behind an alias, or the alias of a name (MQTT 5, section 3.3.2.3.4). */
    private String topic(MqttPublishMessage publish) throws Violation {
        String topic = publish.variableHeader().topicName();
        int alias = Replies.number(publish.variableHeader().properties(), MqttProperties.TOPIC_ALIAS, -1);
        if (alias < 0) {
            if (topic.isEmpty()) {
                throw Violation.protocol("neither a topic nor an alias");
            }
            return topic;
        }
        int most = shared.options().topicAliasMaximum();
        if (alias == 0 || alias > most) {
            throw new Violation(Violation.TOPIC_ALIAS_INVALID, "topic alias " + alias + ", expected 1 to " + most);
        }
        @Nullable String[] known = aliases;
        if (known == null) {
            known = new @Nullable String[most + 1];
            aliases = known;
        }
        if (!topic.isEmpty()) {
            known[alias] = topic;
            return topic;
        }
        String found = known[alias];
        if (found == null) {
            throw Violation.protocol("topic alias " + alias + " has no topic yet");
        }
        return found;
    }

    private void spendQuota() throws Violation {
        quotaUsed++;
        if (version5 && quotaUsed > shared.options().receiveMaximum()) {
            throw new Violation(
                    Violation.RECEIVE_MAXIMUM_EXCEEDED,
                    quotaUsed + " messages are not answered, expected at most "
                            + shared.options().receiveMaximum());
        }
    }

    private void returnQuota() {
        quotaUsed = Math.max(0, quotaUsed - 1);
    }

    private boolean isRepeated(int id) throws Violation {
        if (session.isUnreleased(id)) {
            returnQuota(); // counted when it came first
            connection.reply(MqttMessageType.PUBREC, id, 0);
            return true;
        }
        if (session.exchanges() >= Session.UNRELEASED_MAX) {
            throw new Violation(
                    Violation.RECEIVE_MAXIMUM_EXCEEDED,
                    session.exchanges() + " messages of QoS 2 are not released, expected at most "
                            + Session.UNRELEASED_MAX);
        }
        boolean first = session.received(id);
        if (!first) {
            returnQuota(); // its PUBREC comes when it is durable
        }
        return !first;
    }

    private void settled(int qos, int id, MessageFeed.Outcome outcome, String cause, String detail) {
        switch (outcome) {
            case TAKEN -> answer(qos, id, 0);
            case LETTERED -> answer(qos, id, reason(cause));
            case ABANDONED -> forget(qos, id);
            case REFUSED -> {
                forget(qos, id);
                connection.violated(new Violation(Violation.IMPLEMENTATION_SPECIFIC, cause + ": " + detail));
            }
        }
    }

    private static int reason(String cause) {
        return switch (cause) {
            case MessageReader.UNKNOWN_TOPIC -> Violation.TOPIC_INVALID;
            case MessageReader.MALFORMED -> Violation.PAYLOAD_INVALID;
            default -> Violation.IMPLEMENTATION_SPECIFIC;
        };
    }

    private void answer(int qos, int id, int reason) {
        if (qos == 1) {
            returnQuota();
            connection.reply(MqttMessageType.PUBACK, id, reason);
        } else if (qos == 2) {
            if (reason != 0 && version5) {
                returnQuota();
            }
            session.durable(id, reason);
        }
    }

    private void forget(int qos, int id) {
        if (qos == 2) {
            session.forget(id);
        }
    }

    void release(int id) {
        if (session.release(id)) {
            returnQuota();
            connection.reply(MqttMessageType.PUBCOMP, id, 0);
        } else {
            connection.reply(MqttMessageType.PUBCOMP, id, Violation.PACKET_ID_NOT_FOUND);
        }
    }

    /** Whether nothing more is to be read from the client. */
    boolean isFull(boolean paused) {
        int window = shared.options().receiveMaximum();
        int messages = paused ? window / 2 : window - 1;
        long bytes = paused ? CONNECTION_BYTES_MAX / 2 : CONNECTION_BYTES_MAX - 1;
        return feed.isRefused()
                || feed.size() > messages
                || feed.bytes() > bytes
                || shared.feeds().isFull();
    }

    boolean isSettled() {
        return feed.size() == 0;
    }

    /** The connection is gone, and not because the client said so: what it has no answer to, it sends again. */
    void abandon() {
        feed.abandon();
    }
}
