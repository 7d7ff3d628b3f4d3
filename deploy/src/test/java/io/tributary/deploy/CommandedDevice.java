package io.tributary.deploy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A device that speaks MQTT 3.1.1 byte by byte, so that it can be told when to acknowledge a command, and when not to. */
final class CommandedDevice implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private byte last;

    /** A command as it came; {@code id} for the acknowledgement. */
    record Received(String topic, int id, String payload) {}

    /** Connects with a clean session and subscribes to its commands with QoS 1. */
    CommandedDevice(int port, String client) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        ByteArrayOutputStream connect = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(connect);
        body.writeUTF("MQTT");
        body.writeByte(4);
        body.writeByte(2); // clean session
        body.writeShort(60);
        body.writeUTF(client);
        packet(0x10, connect.toByteArray());
        expect(0x20, packet()[2]);
        ByteArrayOutputStream subscribe = new ByteArrayOutputStream();
        body = new DataOutputStream(subscribe);
        body.writeShort(1);
        body.writeUTF("tributary/commands/" + client + "/#");
        body.writeByte(1);
        packet(0x82, subscribe.toByteArray());
        expect(0x90, packet()[4] - 1);
    }

    private void expect(int type, int code) throws IOException {
        if (code != 0 || (last & 0xf0) != (type & 0xf0)) {
            throw new IOException("packet 0x%02x with code %d, expected 0x%02x with 0".formatted(last, code, type));
        }
    }

    private void packet(int first, byte[] body) throws IOException {
        if (body.length > 127) {
            throw new IOException("packets of a test are short");
        }
        out.writeByte(first);
        out.writeByte(body.length);
        out.write(body);
        out.flush();
    }

    /** A whole packet, its first byte and one byte of length included. */
    private byte[] packet() throws IOException {
        last = in.readByte();
        int length = in.readUnsignedByte();
        byte[] whole = new byte[2 + length];
        whole[0] = last;
        whole[1] = (byte) length;
        in.readFully(whole, 2, length);
        return whole;
    }

    /** Waits for a command. */
    Received receive() throws IOException {
        byte[] whole = packet();
        if ((whole[0] & 0xff) != 0x32) {
            throw new IOException("packet 0x%02x, expected a PUBLISH of QoS 1".formatted(whole[0]));
        }
        int topicLength = (whole[2] & 0xff) << 8 | whole[3] & 0xff;
        int at = 4 + topicLength;
        int id = (whole[at] & 0xff) << 8 | whole[at + 1] & 0xff;
        return new Received(
                new String(whole, 4, topicLength, StandardCharsets.UTF_8),
                id,
                new String(whole, at + 2, whole.length - at - 2, StandardCharsets.UTF_8));
    }

    /** Whether nothing comes for so long. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    void acknowledge(Received command) throws IOException {
        packet(0x40, new byte[] {(byte) (command.id() >> 8), (byte) command.id()});
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
