package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
     * @param identifiers of the subscriptions that it is for; none for a client before MQTT 5
     */
    static MqttMessage publish(String topic, int id, List<Integer> identifiers, ByteBuf payload) {
        MqttProperties properties = MqttProperties.NO_PROPERTIES;
        if (!identifiers.isEmpty()) {
            properties = new MqttProperties();
            for (int each : identifiers) {
                properties.add(new MqttProperties.IntegerProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER, each));
            }
        }
        MqttQoS qos = id == 0 ? MqttQoS.AT_MOST_ONCE : MqttQoS.AT_LEAST_ONCE;
        return new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, false, qos, false, 0),
                new MqttPublishVariableHeader(topic, id, properties),
                payload);
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
