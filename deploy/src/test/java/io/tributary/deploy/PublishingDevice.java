package io.tributary.deploy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A device that publishes over MQTT 3.1.1 with QoS 1, byte by byte, and sees what is acknowledged when. */
final class PublishingDevice implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 90_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    PublishingDevice(int port, String client) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF("MQTT");
        body.writeByte(4);
        body.writeByte(2); // clean session
        body.writeShort(0); // no keep-alive: it may be paused for long
        body.writeUTF(client);
        packet(0x10, bytes.toByteArray());
        expect(0x20, 0);
    }

    void publish(String topic, int id, String payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF(topic);
        body.writeShort(id);
        body.write(payload.getBytes(StandardCharsets.UTF_8));
        packet(0x32, bytes.toByteArray());
    }

    void awaitAcknowledgement(int id) throws IOException {
        expect(0x40, id);
    }

    /** Whether something came that was not read yet. */
    boolean hasAnswer() throws IOException {
        return in.available() > 0;
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

    private void expect(int type, int number) throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        int value = in.readUnsignedShort();
        if (first != type || length != 2 || value != number) {
            throw new IOException("packet 0x%02x of %d bytes with %d, expected 0x%02x with %d"
                    .formatted(first, length, value, type, number));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
