package io.tributary.agent.source.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks MQTT 3.1.1 byte by byte to one client at a time, as a test tells it; keeps what the client says. */
final class FakeBroker implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0);
    /** First bytes of packets, and for PUBACK with the identifier: {@code 10}, {@code 82}, {@code 40 7}. */
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final Thread reader = new Thread(this::run, "fake-broker");
    volatile int subscriptionResult = 1;
    private volatile @Nullable Socket client;
    private volatile boolean closed;

    FakeBroker() throws IOException {
        reader.setDaemon(true);
        reader.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void run() {
        while (!closed) {
            try (Socket accepted = server.accept()) {
                client = accepted;
                read(new DataInputStream(accepted.getInputStream()));
            } catch (IOException e) {
                heard.add("closed");
            }
        }
    }

    private void read(DataInputStream in) throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                length |= (digit & 0x7f) << shift;
                shift += 7;
            } while ((digit & 0x80) != 0);
            byte[] body = new byte[length];
            in.readFully(body);
            switch (first) {
                case 0x10 -> send(0x20, 2, 0, 0);
                case 0x82 -> send(0x90, 3, body[0], body[1], subscriptionResult);
                case 0xc0 -> send(0xd0, 0);
                default -> {
                    // Only kept.
                }
            }
            heard.add(first == 0x40 ? "40 " + ((body[0] & 0xff) << 8 | body[1] & 0xff) : Integer.toHexString(first));
        }
    }

    /** The next that is no ping; null when none comes. */
    @Nullable
    String next(long millis) throws InterruptedException {
        String next = heard.poll(millis, TimeUnit.MILLISECONDS);
        while (next != null && next.equals("c0")) {
            next = heard.poll(millis, TimeUnit.MILLISECONDS);
        }
        return next;
    }

    void publish(int qos, int id, String topic, String payload) throws IOException {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(name.length >> 8);
        body.write(name.length);
        body.writeBytes(name);
        if (qos > 0) {
            body.write(id >> 8);
            body.write(id);
        }
        body.writeBytes(payload.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = body.toByteArray();
        int[] packet = new int[2 + bytes.length];
        packet[0] = 0x30 | qos << 1;
        packet[1] = bytes.length;
        for (int i = 0; i < bytes.length; i++) {
            packet[2 + i] = bytes[i];
        }
        send(packet);
    }

    private synchronized void send(int... packet) throws IOException {
        Socket to = client;
        if (to != null) {
            byte[] bytes = new byte[packet.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) packet[i];
            }
            to.getOutputStream().write(bytes);
        }
    }

    void cut() throws IOException {
        Socket from = client;
        if (from != null) {
            from.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        cut();
    }
}
