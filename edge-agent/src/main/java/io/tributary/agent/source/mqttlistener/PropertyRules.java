package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Which MQTT 5 properties a client may send in which packet (section 2.2.2.2), once each, within their section: the codec
 * takes any in any packet, and of two of a kind the last. Checked on the bytes, before objects are made of them.
 */
final class PropertyRules {
    static final int CONNECT = 1;
    static final int WILL = 2;
    static final int PUBLISH = 4;
    static final int SUBSCRIBE = 8;
    static final int UNSUBSCRIBE = 16;
    static final int REPLY = 32;
    static final int DISCONNECT = 64;

    private static final int USER_PROPERTY = 0x26;
    /** A property of five bytes makes an object of a hundred: bounds what a packet can cost. */
    private static final int USER_PROPERTIES_MAX = 64;

    private PropertyRules() {}

    /**
     * @param at where the section's length begins
     * @param kind of the packet, one of the constants
     * @return where the section ends
     */
    static int check(ByteBuf body, int at, int kind) throws Violation {
        int length = VariableInt.read(body, at);
        int next = at + VariableInt.size(length);
        int end = next + length;
        if (end > body.writerIndex()) {
            throw Violation.malformed("properties of " + length + " bytes reach beyond their packet");
        }
        long seen = 0;
        int userProperties = 0;
        while (next < end) {
            int id = VariableInt.read(body, next);
            next += VariableInt.size(id);
            if ((allowed(id) & kind) == 0) {
                throw allowed(id) == 0
                        ? Violation.malformed("unknown property 0x" + Integer.toHexString(id))
                        : Violation.protocol("property 0x" + Integer.toHexString(id) + " is not one of this packet");
            }
            if (id == USER_PROPERTY) {
                if (++userProperties > USER_PROPERTIES_MAX) {
                    throw new Violation(
                            Violation.QUOTA_EXCEEDED, "more than " + USER_PROPERTIES_MAX + " user properties");
                }
            } else if ((seen & (1L << id)) != 0) {
                throw Violation.protocol("property 0x" + Integer.toHexString(id) + " is there twice");
            }
            seen |= 1L << id;
            next = value(body, next, id);
            if (next > end) {
                throw Violation.malformed("property 0x" + Integer.toHexString(id) + " reaches beyond its section");
            }
        }
        return end;
    }

    /** The packets that have it when a client sends them; 0 for none. Properties of servers are protocol errors. */
    private static int allowed(int id) {
        return switch (id) {
            case 0x01, 0x02, 0x03, 0x08, 0x09 -> PUBLISH | WILL;
            case 0x0B -> SUBSCRIBE;
            case 0x11 -> CONNECT | DISCONNECT;
            case 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x27 -> CONNECT;
            case 0x18 -> WILL;
            case 0x1F -> REPLY | DISCONNECT;
            case 0x23 -> PUBLISH;
            case USER_PROPERTY -> CONNECT | WILL | PUBLISH | SUBSCRIBE | UNSUBSCRIBE | REPLY | DISCONNECT;
            case 0x12, 0x13, 0x1A, 0x1C, 0x24, 0x25, 0x28, 0x29, 0x2A -> 1 << 30;
            default -> 0;
        };
    }

    private static int value(ByteBuf body, int at, int id) throws Violation {
        switch (id) {
            case 0x01, 0x17, 0x19 -> {
                require(body, at, 1);
                if (body.getUnsignedByte(at) > 1) {
                    throw Violation.protocol("property 0x" + Integer.toHexString(id) + " is " + body.getUnsignedByte(at)
                            + ", expected 0 or 1");
                }
                return at + 1;
            }
            case 0x21, 0x22, 0x23 -> {
                require(body, at, 2);
                if (id == 0x21 && body.getUnsignedShort(at) == 0) {
                    throw Violation.protocol("receive maximum is 0, expected at least 1");
                }
                return at + 2;
            }
            case 0x02, 0x11, 0x18, 0x27 -> {
                require(body, at, 4);
                if (id == 0x27 && body.getInt(at) == 0) {
                    throw Violation.protocol("maximum packet size is 0, expected at least 1");
                }
                return at + 4;
            }
            case 0x0B -> {
                int subscription = VariableInt.read(body, at);
                if (subscription == 0) {
                    throw Violation.protocol("subscription identifier is 0, expected at least 1");
                }
                return at + VariableInt.size(subscription);
            }
            case 0x09, 0x16 -> {
                return binary(body, at);
            }
            case 0x08 -> {
                return topicName(body, at);
            }
            case USER_PROPERTY -> {
                return text(body, text(body, at));
            }
            default -> {
                return text(body, at);
            }
        }
    }

    /** Skips a string: UTF-8 as Unicode has it, without U+0000 (section 1.5.4); the codec would mend it silently. */
    static int text(ByteBuf body, int at) throws Violation {
        int end = binary(body, at);
        int start = at + 2;
        if (!ByteBufUtil.isText(body, start, end - start, StandardCharsets.UTF_8)) {
            throw Violation.malformed("a text that is not UTF-8");
        }
        if (body.indexOf(start, end, (byte) 0) >= 0) {
            throw Violation.malformed("a text with the character U+0000");
        }
        return end;
    }

    /** Skips a text that names a topic to publish to: not empty, without wildcards (section 4.7.1). */
    static int topicName(ByteBuf body, int at) throws Violation {
        int end = text(body, at);
        int start = at + 2;
        if (end == start) {
            throw Violation.malformed("an empty topic");
        }
        if (body.indexOf(start, end, (byte) '#') >= 0 || body.indexOf(start, end, (byte) '+') >= 0) {
            throw Violation.malformed("a topic name with a wildcard");
        }
        return end;
    }

    /** Skips a length of two bytes and what it counts. */
    static int binary(ByteBuf body, int at) throws Violation {
        require(body, at, 2);
        int length = body.getUnsignedShort(at);
        require(body, at + 2, length);
        return at + 2 + length;
    }

    static void require(ByteBuf body, int at, int length) throws Violation {
        if (at + length > body.writerIndex()) {
            throw Violation.malformed("packet ends within a field");
        }
    }
}
