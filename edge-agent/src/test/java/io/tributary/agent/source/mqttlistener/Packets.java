package io.tributary.agent.source.mqttlistener;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** MQTT packets made byte by byte, by other code than that under test. */
final class Packets {
    static final byte[] PINGREQ = {(byte) 0xc0, 0};
    static final byte[] DISCONNECT = {(byte) 0xe0, 0};
    static final byte[] NO_PROPERTIES = {0};

    private Packets() {}

    static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof byte[] raw) {
                out.writeBytes(raw);
            } else if (part instanceof String text) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                out.write(utf8.length >> 8);
                out.write(utf8.length);
                out.writeBytes(utf8);
            } else if (part instanceof Integer octet) {
                out.write(octet);
            } else if (part instanceof Short number) {
                out.write(number >> 8);
                out.write(number);
            } else {
                throw new IllegalArgumentException(String.valueOf(part));
            }
        }
        return out.toByteArray();
    }

    static byte[] packet(int first, Object... parts) {
        byte[] body = bytes(parts);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int length = body.length;
        do {
            out.write((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
            length >>= 7;
        } while (length > 0);
        out.writeBytes(body);
        return out.toByteArray();
    }

    /** With a length in front. */
    static byte[] properties(Object... parts) {
        byte[] all = bytes(parts);
        return bytes(all.length, all);
    }

    static byte[] connect3(String client, boolean clean, int keepAlive) {
        return packet(0x10, "MQTT", 4, clean ? 2 : 0, (short) keepAlive, client);
    }

    static byte[] connect5(String client, boolean clean, int keepAlive, byte[] properties) {
        return packet(0x10, "MQTT", 5, clean ? 2 : 0, (short) keepAlive, properties, client);
    }

    static byte[] connect5(String client) {
        return connect5(client, true, 60, NO_PROPERTIES);
    }

    static byte[] publish3(int qos, int id, String topic, String payload) {
        byte[] content = payload.getBytes(StandardCharsets.UTF_8);
        return qos == 0 ? packet(0x30, topic, content) : packet(0x30 | qos << 1, topic, (short) id, content);
    }

    static byte[] publish5(int qos, int id, String topic, String payload, byte[] properties) {
        byte[] content = payload.getBytes(StandardCharsets.UTF_8);
        return qos == 0
                ? packet(0x30, topic, properties, content)
                : packet(0x30 | qos << 1, topic, (short) id, properties, content);
    }

    static byte[] publish5(int qos, int id, String topic, String payload) {
        return publish5(qos, id, topic, payload, NO_PROPERTIES);
    }

    static byte[] pubRel(int id) {
        return packet(0x62, (short) id);
    }
}
