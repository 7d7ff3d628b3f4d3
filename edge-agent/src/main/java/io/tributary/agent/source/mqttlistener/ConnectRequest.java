package io.tributary.agent.source.mqttlistener;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants, checked against what the listener gives.
 *
 * @param assigned whether the client ID is ours, as it sent none
 * @param expirySeconds of its session, as given, at most what is allowed
 * @param wantedExpirySeconds as asked for, 0 to 2^32 - 1
 * @param keepAliveSeconds as given; 0 for none
 * @param serverKeepAlive whether that is not what it asked for
 * @param silenceNs how long it may be silent until it is taken for gone
 * @param packetBytesMax that it takes
 * @param receiveMaximum messages of QoS 1 that it takes before it acknowledges one
 */
record ConnectRequest(
        boolean version5,
        String client,
        boolean assigned,
        boolean cleanStart,
        long expirySeconds,
        long wantedExpirySeconds,
        long keepAliveSeconds,
        boolean serverKeepAlive,
        long silenceNs,
        long packetBytesMax,
        int receiveMaximum,
        boolean will,
        @Nullable String user,
        byte @Nullable [] password) {
    private static final long UNSIGNED = 0xffff_ffffL;
    /** Below this, a client that limits its packets gets no reason strings. */
    private static final int TEXT_PACKET_BYTES = 512;

    static ConnectRequest of(MqttConnectMessage connect, MqttListenerOptions options) throws Violation {
        boolean version5 = connect.variableHeader().version() == PacketRules.V5;
        MqttProperties properties = connect.variableHeader().properties();
        MqttConnectPayload payload = connect.payload();
        if (properties.getProperty(MqttProperties.AUTHENTICATION_METHOD) != null) {
            throw new Violation(Violation.BAD_AUTHENTICATION_METHOD, "no authentication method is supported");
        }
        if (properties.getProperty(MqttProperties.AUTHENTICATION_DATA) != null) {
            throw Violation.protocol("authentication data without a method");
        }
        boolean clean = connect.variableHeader().isCleanSession();
        String client = payload.clientIdentifier();
        boolean assigned = client.isEmpty();
        if (assigned) {
            if (!version5 && !clean) {
                throw new Violation(Violation.CLIENT_ID_INVALID, "no client ID, which a session needs");
            }
            client = "auto-" + UUID.randomUUID();
        }
        long wanted = version5
                ? Replies.number(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, 0) & UNSIGNED
                : clean ? 0 : UNSIGNED;
        int keepAlive = connect.variableHeader().keepAliveTimeSeconds();
        long keepAliveMax = options.keepAliveMax().toSeconds();
        boolean tooLong = version5 && (keepAlive == 0 || keepAlive > keepAliveMax);
        long given = tooLong ? keepAliveMax : keepAlive;
        // One and a half times (section 3.1.2.10); TCP alone would notice a dead peer after hours.
        long silence = given == 0 ? options.idleTimeout().toNanos() : TimeUnit.SECONDS.toNanos(given) * 3 / 2;
        return new ConnectRequest(
                version5,
                client,
                assigned,
                clean,
                Math.min(wanted, options.sessionExpiryMax().toSeconds()),
                wanted,
                given,
                tooLong,
                silence,
                Replies.number(properties, MqttProperties.MAXIMUM_PACKET_SIZE, -1) & UNSIGNED,
                Replies.number(properties, MqttProperties.RECEIVE_MAXIMUM, 0xffff),
                connect.variableHeader().isWillFlag(),
                payload.userName(),
                payload.passwordInBytes());
    }

    long expiryNs() {
        return TimeUnit.SECONDS.toNanos(expirySeconds);
    }

    /** Whether a reason string fits into any packet that has one (section 3.14.2.2.3). */
    boolean takesTexts() {
        return packetBytesMax >= TEXT_PACKET_BYTES;
    }

    /**
     * How long the session is to outlive a DISCONNECT.
     *
     * @return -1 when it says nothing about it
     * @throws Violation it is to live on, which its CONNECT did not want (section 3.14.2.2.2)
     */
    long expiryNs(MqttMessage disconnect, MqttListenerOptions options) throws Violation {
        if (!(disconnect.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header)) {
            return -1;
        }
        var expiry = header.properties().getProperty(MqttProperties.SESSION_EXPIRY_INTERVAL);
        if (expiry == null) {
            return -1;
        }
        long seconds = (Integer) expiry.value() & UNSIGNED;
        if (seconds > 0 && wantedExpirySeconds == 0) {
            throw Violation.protocol("a session expiry of " + seconds + " s, 0 in CONNECT");
        }
        return TimeUnit.SECONDS.toNanos(
                Math.min(seconds, options.sessionExpiryMax().toSeconds()));
    }

    /** For the CONNACK of MQTT 5: how the listener differs from what the client may assume. */
    MqttProperties answer(MqttListenerOptions options) {
        MqttProperties properties = new MqttProperties();
        number(properties, MqttProperties.RECEIVE_MAXIMUM, options.receiveMaximum());
        number(properties, MqttProperties.MAXIMUM_PACKET_SIZE, options.packetBytesMax());
        number(properties, MqttProperties.TOPIC_ALIAS_MAXIMUM, options.topicAliasMaximum());
        number(properties, MqttProperties.SHARED_SUBSCRIPTION_AVAILABLE, 0);
        if (expirySeconds != wantedExpirySeconds) {
            number(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, (int) expirySeconds);
        }
        if (serverKeepAlive) {
            number(properties, MqttProperties.SERVER_KEEP_ALIVE, (int) keepAliveSeconds);
        }
        if (assigned) {
            properties.add(new MqttProperties.StringProperty(MqttProperties.ASSIGNED_CLIENT_IDENTIFIER, client));
        }
        if (will && takesTexts()) {
            properties.add(new MqttProperties.StringProperty(
                    MqttProperties.REASON_STRING, "the will is ignored: this listener only takes readings"));
        }
        return properties;
    }

    private static void number(MqttProperties properties, int id, int value) {
        properties.add(new MqttProperties.IntegerProperty(id, value));
    }
}
