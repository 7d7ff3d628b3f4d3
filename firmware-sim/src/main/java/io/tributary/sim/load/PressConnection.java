package io.tributary.sim.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.config.HostPort;
import io.tributary.proto.v1.FrameReply;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One connection of devices to an agent: keeps a window of messages unanswered, and takes note of when each was answered.
 * As cheap as it can be, as it shares the machine with what is measured. One thread.
 */
abstract class PressConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int BUFFER_BYTES = 64 << 10;

    private final Socket socket;
    private final LongSupplier nanoTime;
    private final AckTimes ackTimes;
    private final int window;
    private final long[] sentNanos;
    final DataInputStream in;
    final OutputStream out;
    private long retries;

    private PressConnection(HostPort agent, int window, LongSupplier nanoTime, AckTimes ackTimes) throws IOException {
        this.socket = new Socket();
        this.nanoTime = nanoTime;
        this.ackTimes = ackTimes;
        this.window = window;
        this.sentNanos = new long[window];
        socket.connect(new InetSocketAddress(agent.host(), agent.port()), PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        out = socket.getOutputStream();
    }

    static PressConnection open(PressPlan plan, int number, LongSupplier nanoTime, AckTimes ackTimes)
            throws IOException {
        return plan.form() == PressPlan.Form.PUBLISHES
                ? new Publishes(plan, number, nanoTime, ackTimes)
                : new FrameStream(plan, nanoTime, ackTimes);
    }

    /** Sends all, each again for as long as it is asked to, and returns when all are answered. */
    void send(List<byte[]> messages) throws IOException {
        int sent = 0;
        int answered = 0;
        while (answered < messages.size()) {
            int until = Math.min(messages.size(), answered + window);
            if (sent < until) {
                long now = nanoTime.getAsLong();
                for (int i = sent; i < until; i++) {
                    sentNanos[i % window] = now;
                }
                write(messages, sent, until);
                sent = until;
            }
            do {
                long retryMillis = readAnswer(answered);
                if (retryMillis >= 0) {
                    retries++;
                    for (int i = answered + 1; i < sent; i++) {
                        readAnswer(i); // those behind have to come again, too
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.max(1, retryMillis)));
                    sent = answered;
                    break;
                }
                ackTimes.add(nanoTime.getAsLong() - sentNanos[answered % window]);
                answered++;
            } while (answered < sent && in.available() > 0);
        }
    }

    /** How often it was asked to send again. */
    long retries() {
        return retries;
    }

    /** Sends messages {@code [from, to)}. */
    abstract void write(List<byte[]> messages, int from, int to) throws IOException;

    /**
     * Blocks for the answer to a message.
     *
     * @return negative when it is taken, else when it is to be sent again
     */
    abstract long readAnswer(int message) throws IOException;

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Frames; replies come in order. */
    private static final class FrameStream extends PressConnection {
        private static final int REPLY_BYTES_MAX = 1 << 16;

        FrameStream(PressPlan plan, LongSupplier nanoTime, AckTimes ackTimes) throws IOException {
            super(plan.agent(), plan.window(), nanoTime, ackTimes);
        }

        @Override
        void write(List<byte[]> messages, int from, int to) throws IOException {
            for (int i = from; i < to; i++) {
                out.write(messages.get(i));
            }
        }

        @Override
        long readAnswer(int message) throws IOException {
            int length = in.readInt();
            if (length < 0 || length > REPLY_BYTES_MAX) {
                throw new IOException("reply of " + Integer.toUnsignedLong(length) + " bytes");
            }
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            FrameReply reply;
            try {
                reply = FrameReply.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new IOException("a reply that is no FrameReply: " + e.getMessage(), e);
            }
            return switch (reply.getResult()) {
                case ACCEPTED -> -1;
                case RETRY -> Integer.toUnsignedLong(reply.getRetryAfterMillis());
                case REJECTED, UNRECOGNIZED ->
                    throw new IOException("frame " + message + " is rejected: " + reply.getMessage());
            };
        }
    }

    /** MQTT 3.1.1; PUBACKs come in order. */
    private static final class Publishes extends PressConnection {
        private static final int CONNACK_BYTES = 4;
        private static final int PUBACK = 0x4002;

        private final byte[] buffer = new byte[BUFFER_BYTES];

        Publishes(PressPlan plan, int number, LongSupplier nanoTime, AckTimes ackTimes) throws IOException {
            super(plan.agent(), plan.window(), nanoTime, ackTimes);
            byte[] client = ("load-" + number).getBytes(StandardCharsets.US_ASCII);
            byte[] head = {
                0x10, (byte) (12 + client.length), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, (byte) client.length
            };
            out.write(head);
            out.write(client);
            byte[] answer = new byte[CONNACK_BYTES];
            in.readFully(answer);
            if (answer[0] != 0x20 || answer[3] != 0) {
                throw new IOException("the agent does not let client load-" + number + " in: code " + answer[3]);
            }
        }

        /** IDs run from 1 to the window's size: no two that are unanswered are the same. */
        private int id(int message) {
            return 1 + message % window();
        }

        @Override
        void write(List<byte[]> messages, int from, int to) throws IOException {
            int filled = 0;
            for (int i = from; i < to; i++) {
                byte[] message = messages.get(i);
                if (filled + message.length > buffer.length) {
                    out.write(buffer, 0, filled);
                    filled = 0;
                }
                System.arraycopy(message, 0, buffer, filled, message.length);
                int at = filled + PressMessages.packetIdAt(message);
                buffer[at] = (byte) (id(i) >> 8);
                buffer[at + 1] = (byte) id(i);
                filled += message.length;
            }
            out.write(buffer, 0, filled);
        }

        @Override
        long readAnswer(int message) throws IOException {
            int answer;
            try {
                answer = in.readInt();
            } catch (EOFException e) {
                throw new IOException("the agent closed the connection before message " + message + " was answered", e);
            }
            if (answer != (PUBACK << 16 | id(message))) {
                throw new IOException("packet %08x, expected the PUBACK of ID %d".formatted(answer, id(message)));
            }
            return -1;
        }
    }

    int window() {
        return window;
    }
}
