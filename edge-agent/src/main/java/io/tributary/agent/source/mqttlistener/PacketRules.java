package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * What the codec does not check of a packet, on its bytes: that its parts lie within it, limits, reserved bits,
 * properties, and that texts are texts.
 */
final class PacketRules {
    static final int CONNECT = 1;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int PUBREC = 5;
    static final int PUBREL = 6;
    static final int PUBCOMP = 7;
    static final int SUBSCRIBE = 8;
    static final int UNSUBSCRIBE = 10;
    static final int PINGREQ = 12;
    static final int DISCONNECT = 14;
    static final int AUTH = 15;

    static final int V3 = 4;
    static final int V5 = 5;

    /** More than any inventory needs; the specification demands 23. */
    static final int CLIENT_ID_BYTES_MAX = 256;

    /** In one packet. */
    private static final int FILTERS_MAX = 32;

    private PacketRules() {}

    /** The first byte: what it is, and that a client may send it. */
    static void checkFirst(int first, boolean connected) throws Violation {
        int type = first >> 4;
        int flags = first & 0x0f;
        switch (type) {
            case PUBLISH -> {
                if ((flags & 0x06) == 0x06) {
                    throw Violation.malformed("QoS 3");
                }
                if ((flags & 0x0e) == 0x08) {
                    throw Violation.malformed("DUP with QoS 0");
                }
            }
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> requireFlags(type, flags, 2);
            case CONNECT, PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT, AUTH -> requireFlags(type, flags, 0);
            case 0 -> throw Violation.malformed("packet type 0 is reserved");
            default -> throw Violation.protocol("packet type " + type + " is one that servers send");
        }
        if (!connected && type != CONNECT) {
            throw Violation.protocol("packet type " + type + " before CONNECT");
        }
        if (connected && type == CONNECT) {
            throw Violation.protocol("a second CONNECT");
        }
    }

    private static void requireFlags(int type, int flags, int expected) throws Violation {
        if (flags != expected) {
            throw Violation.malformed("flags " + flags + " of packet type " + type + ", expected " + expected);
        }
    }

    /**
     * @param body without the fixed header, from index 0
     * @param version of CONNECT: not used
     */
    static void checkBody(int first, ByteBuf body, int version, int topicBytesMax) throws Violation {
        switch (first >> 4) {
            case CONNECT -> connect(body, topicBytesMax);
            case PUBLISH -> publish(body, (first & 0x06) >> 1, version, topicBytesMax);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> reply(body, version);
            case SUBSCRIBE -> filters(body, version, topicBytesMax, true);
            case UNSUBSCRIBE -> filters(body, version, topicBytesMax, false);
            case PINGREQ -> requireLength(body, 0);
            case DISCONNECT -> {
                if (version == V3) {
                    requireLength(body, 0);
                } else if (body.writerIndex() > 1) {
                    requireEnd(body, PropertyRules.check(body, 1, PropertyRules.DISCONNECT));
                }
            }
            default -> throw Violation.protocol("AUTH without an authentication method");
        }
    }

    /** The level that a CONNECT speaks; 0 when it is no CONNECT that can be told. */
    static int level(ByteBuf body) {
        boolean known = body.writerIndex() >= 7
                && body.getUnsignedShort(0) == 4
                && body.getCharSequence(2, 4, StandardCharsets.ISO_8859_1)
                        .toString()
                        .equals("MQTT");
        return known ? body.getUnsignedByte(6) : 0;
    }

    private static void connect(ByteBuf body, int topicBytesMax) throws Violation {
        int level = level(body);
        if (level != V3 && level != V5) {
            PropertyRules.text(body, 0);
            throw new Violation(
                    Violation.UNSUPPORTED_VERSION, "protocol level " + level + ", expected MQTT 3.1.1 or 5");
        }
        PropertyRules.require(body, 7, 3);
        int flags = body.getUnsignedByte(7);
        boolean will = (flags & 0x04) != 0;
        if ((flags & 0x01) != 0 || (!will && (flags & 0x38) != 0) || (flags & 0x18) == 0x18) {
            throw Violation.malformed("connect flags 0x" + Integer.toHexString(flags));
        }
        if (level == V3 && (flags & 0xc0) == 0x40) {
            throw Violation.malformed("a password without a user name");
        }
        int at = level == V5 ? PropertyRules.check(body, 10, PropertyRules.CONNECT) : 10;
        PropertyRules.require(body, at, 2);
        if (body.getUnsignedShort(at) > CLIENT_ID_BYTES_MAX) {
            throw new Violation(
                    Violation.CLIENT_ID_INVALID,
                    "client ID of " + body.getUnsignedShort(at) + " bytes, expected at most " + CLIENT_ID_BYTES_MAX);
        }
        at = PropertyRules.text(body, at);
        if (will) {
            at = level == V5 ? PropertyRules.check(body, at, PropertyRules.WILL) : at;
            PropertyRules.require(body, at, 2);
            topicLength(body.getUnsignedShort(at), topicBytesMax);
            at = PropertyRules.binary(body, PropertyRules.topicName(body, at));
        }
        at = (flags & 0x80) != 0 ? PropertyRules.text(body, at) : at;
        at = (flags & 0x40) != 0 ? PropertyRules.binary(body, at) : at;
        requireEnd(body, at);
    }

    private static void publish(ByteBuf body, int qos, int version, int topicBytesMax) throws Violation {
        PropertyRules.require(body, 0, 2);
        int length = body.getUnsignedShort(0);
        topicLength(length, topicBytesMax);
        if (length == 0 && version == V3) {
            throw Violation.malformed("an empty topic");
        }
        int at = length == 0 ? 2 : PropertyRules.topicName(body, 0);
        if (qos > 0) {
            packetId(body, at);
            at += 2;
        }
        if (version == V5) {
            PropertyRules.check(body, at, PropertyRules.PUBLISH);
        }
    }

    private static void reply(ByteBuf body, int version) throws Violation {
        packetId(body, 0);
        if (version == V3) {
            requireLength(body, 2);
        } else if (body.writerIndex() > 3) {
            requireEnd(body, PropertyRules.check(body, 3, PropertyRules.REPLY));
        }
    }

    private static void filters(ByteBuf body, int version, int topicBytesMax, boolean options) throws Violation {
        packetId(body, 0);
        int kind = options ? PropertyRules.SUBSCRIBE : PropertyRules.UNSUBSCRIBE;
        int at = version == V5 ? PropertyRules.check(body, 2, kind) : 2;
        if (at == body.writerIndex()) {
            throw Violation.protocol("no topic filter");
        }
        for (int count = 1; at < body.writerIndex(); count++) {
            if (count > FILTERS_MAX) {
                throw new Violation(Violation.QUOTA_EXCEEDED, "more than " + FILTERS_MAX + " topic filters");
            }
            PropertyRules.require(body, at, 2);
            int length = body.getUnsignedShort(at);
            if (length == 0) {
                throw Violation.malformed("an empty topic filter");
            }
            if (length > topicBytesMax) {
                throw new Violation(
                        Violation.FILTER_INVALID,
                        "topic filter of " + length + " bytes, expected at most " + topicBytesMax);
            }
            at = PropertyRules.text(body, at);
            if (options) {
                PropertyRules.require(body, at, 1);
                options(body.getUnsignedByte(at), version);
                at++;
            }
        }
    }

    private static void options(int options, int version) throws Violation {
        boolean valid = (options & 0x03) != 3
                && (version == V3 ? (options & 0xfc) == 0 : (options & 0xc0) == 0 && (options & 0x30) != 0x30);
        if (!valid) {
            throw version == V3 || (options & 0xc0) != 0
                    ? Violation.malformed("subscription options 0x" + Integer.toHexString(options))
                    : Violation.protocol("subscription options 0x" + Integer.toHexString(options));
        }
    }

    private static void topicLength(int length, int topicBytesMax) throws Violation {
        if (length > topicBytesMax) {
            throw new Violation(
                    Violation.TOPIC_INVALID, "topic of " + length + " bytes, expected at most " + topicBytesMax);
        }
    }

    private static void packetId(ByteBuf body, int at) throws Violation {
        PropertyRules.require(body, at, 2);
        if (body.getUnsignedShort(at) == 0) {
            throw Violation.protocol("packet identifier 0");
        }
    }

    private static void requireLength(ByteBuf body, int length) throws Violation {
        if (body.writerIndex() != length) {
            throw Violation.malformed("packet of " + body.writerIndex() + " bytes, expected " + length);
        }
    }

    private static void requireEnd(ByteBuf body, int at) throws Violation {
        if (at != body.writerIndex()) {
            throw Violation.malformed((body.writerIndex() - at) + " bytes behind the packet's last field");
        }
    }
}
