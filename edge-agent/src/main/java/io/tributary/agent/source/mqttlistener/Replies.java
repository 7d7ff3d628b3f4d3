package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The packets that the listener sends; the codec leaves out of MQTT 3.1.1 what it does not have. */
final class Replies {
    private static final int REASON_CHARACTERS_MAX = 110;
    private static final String COMMAND_ID = "command-id";
    /** Five of the expiry, five around the user property, four of their length. */
    private static final int PROPERTY_BYTES_MAX = 14;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long UNSIGNED = 0xffff_ffffL;

    private Replies() {}

    static MqttMessage connAck(int code, boolean sessionPresent, MqttProperties properties) {
        return new MqttConnAckMessage(
                header(MqttMessageType.CONNACK),
                new MqttConnAckVariableHeader(MqttConnectReturnCode.valueOf((byte) code), sessionPresent, properties));
    }

    /**
     * A CONNACK that refuses, also where the codec has not seen the CONNECT.
     *
     * @param reason of MQTT 5; translated for older clients, which hear of few
     * @return null when an older client hears nothing
     */
    static @Nullable ByteBuf refusal(ByteBufAllocator buffers, boolean version5, int reason, String text) {
        if (version5) {
            byte[] reasonString = shown(text).getBytes(StandardCharsets.US_ASCII);
            int properties = reasonString.length + 3;
            ByteBuf bytes = buffers.buffer(5 + properties);
            bytes.writeByte(MqttMessageType.CONNACK.value() << 4).writeByte(properties + 3);
            bytes.writeByte(0).writeByte(reason).writeByte(properties);
            return bytes.writeByte(MqttProperties.REASON_STRING)
                    .writeShort(reasonString.length)
                    .writeBytes(reasonString);
        }
        int code = switch (reason) {
            case Violation.UNSUPPORTED_VERSION -> 1;
            case Violation.CLIENT_ID_INVALID -> 2;
            case Violation.SERVER_BUSY, Violation.SHUTTING_DOWN -> 3;
            case Violation.BAD_CREDENTIALS -> 4;
            case Violation.NOT_AUTHORIZED -> 5;
            default -> 0;
        };
        return code == 0
                ? null
                : buffers.buffer(4)
                        .writeByte(MqttMessageType.CONNACK.value() << 4)
                        .writeByte(2)
                        .writeByte(0)
                        .writeByte(code);
    }

    /** PUBACK, PUBREC, PUBREL or PUBCOMP. */
    static MqttMessage reply(MqttMessageType type, int id, int reason) {
        return new MqttMessage(
                header(type), new MqttPubReplyMessageVariableHeader(id, (byte) reason, MqttProperties.NO_PROPERTIES));
    }

    static MqttMessage subAck(int id, List<Integer> codes) {
        return new MqttSubAckMessage(
                header(MqttMessageType.SUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(id, MqttProperties.NO_PROPERTIES),
                new MqttSubAckPayload(codes));
    }

    static MqttMessage unsubAck(int id, List<Short> codes) {
        return new MqttUnsubAckMessage(
                header(MqttMessageType.UNSUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(id, MqttProperties.NO_PROPERTIES),
                new MqttUnsubAckPayload(codes));
    }

    static MqttMessage disconnect(int reason, MqttProperties properties) {
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader((byte) reason, properties));
    }

    /**
     * @param id 0 for QoS 0, else QoS 1
     * @param again whether it may have been received before
     */
    static MqttMessage publish(String topic, int id, boolean again, MqttProperties properties, byte[] payload) {
        MqttQoS qos = id == 0 ? MqttQoS.AT_MOST_ONCE : MqttQoS.AT_LEAST_ONCE;
        return new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, again, qos, false, 0),
                new MqttPublishVariableHeader(topic, id, properties),
                Unpooled.wrappedBuffer(payload));
    }

    /**
     * What a client of MQTT 5 learns of a command.
     *
     * @param command its ID: a client that gets it twice knows that it is one
     * @param leftNs until it expires
     * @param identifiers of the subscriptions that it is for
     */
    static MqttProperties commandProperties(String command, long leftNs, List<Integer> identifiers) {
        MqttProperties properties = new MqttProperties();
        long seconds = Math.max(1, Math.min((leftNs - 1) / SECOND_NS + 1, UNSIGNED));
        properties.add(new MqttProperties.IntegerProperty(MqttProperties.PUBLICATION_EXPIRY_INTERVAL, (int) seconds));
        for (int each : identifiers) {
            properties.add(new MqttProperties.IntegerProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER, each));
        }
        properties.add(new MqttProperties.UserProperty(COMMAND_ID, command));
        return properties;
    }

    /** At most, without identifiers. */
    static long commandPropertiesBytes(String command) {
        return PROPERTY_BYTES_MAX + COMMAND_ID.length() + 3L * command.length();
    }

    /** A reason string; none for an empty text. */
    static MqttProperties reason(String text) {
        if (text.isEmpty()) {
            return MqttProperties.NO_PROPERTIES;
        }
        MqttProperties properties = new MqttProperties();
        properties.add(new MqttProperties.StringProperty(MqttProperties.REASON_STRING, shown(text)));
        return properties;
    }

    /** Short, and without what a text that a client sent could bring into ours. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), REASON_CHARACTERS_MAX); i++) {
            char c = text.charAt(i);
            shown.append(c < ' ' || c >= 0x7f ? '?' : c);
        }
        return shown.toString();
    }

    static int number(MqttProperties properties, int id, int absent) {
        MqttProperties.MqttProperty<?> property = properties.getProperty(id);
        return property instanceof MqttProperties.IntegerProperty number ? number.value() : absent;
    }

    private static MqttFixedHeader header(MqttMessageType type) {
        MqttQoS flags = type == MqttMessageType.PUBREL ? MqttQoS.AT_LEAST_ONCE : MqttQoS.AT_MOST_ONCE;
        return new MqttFixedHeader(type, false, flags, false, 0);
    }
}
