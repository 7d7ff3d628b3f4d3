package io.tributary.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A TCP link with a rate and a delay each way, that can become a black hole (nothing passes, nothing breaks) or reset every
 * connection. Loss and reordering of packets are TCP's affair: what a program sees of them is delay and a lower rate.
 */
final class LinkProxy implements AutoCloseable {
    /** Small, so that what is in the link's buffers is short beside a second's worth. */
    private static final int CHUNK = 2 << 10;
    /** TCP's least timeout; fast retransmission would take a round trip. */
    private static final long RETRANSMISSION_NANOS = 200_000_000L;

    private final ServerSocket server;
    private final long bytesPerSecond;
    private final long delayNanos;
    private final double lossPercent;
    private final SplittableRandom random = new SplittableRandom(20261121);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int targetPort;
    private volatile boolean hole;
    private volatile boolean closed;
    private volatile long bytesUp;

    /** One direction's time line: when the link is free again. */
    private static final class Lane {
        private long freeNanos = System.nanoTime();
    }

    private final Lane up = new Lane();
    private final Lane down = new Lane();

    LinkProxy(long bytesPerSecond, long delayMillis) throws IOException {
        this(bytesPerSecond, delayMillis, 0);
    }

    /** @param lossPercent of segments: what follows one waits for its retransmission, {@link #RETRANSMISSION_NANOS} */
    LinkProxy(long bytesPerSecond, long delayMillis, double lossPercent) throws IOException {
        this.lossPercent = lossPercent;
        this.bytesPerSecond = bytesPerSecond;
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
        this.server = new ServerSocket();
        server.setReceiveBufferSize(32 << 10);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread("link-accept", this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void leadTo(int port) {
        targetPort = port;
    }

    void blackHole(boolean on) {
        hole = on;
    }

    long bytesUp() {
        return bytesUp;
    }

    /** Resets every connection. */
    void reset() throws IOException {
        for (Socket each : open) {
            each.setSoLinger(true, 0);
            each.close();
        }
    }

    private static void thread(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            @Nullable Socket near = null;
            try {
                near = server.accept();
                Socket far = new Socket();
                far.setSendBufferSize(16 << 10);
                far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                near.setReceiveBufferSize(16 << 10);
                open.add(near);
                open.add(far);
                Socket client = near;
                thread("link-up", () -> carry(client, far, up, true));
                thread("link-down", () -> carry(far, client, down, false));
            } catch (IOException e) {
                quietly(near);
            }
        }
    }

    private void carry(Socket from, Socket to, Lane lane, boolean counts) {
        byte[] chunk = new byte[CHUNK];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                while (hole && !closed && !from.isClosed()) {
                    LockSupport.parkNanos(20_000_000);
                }
                long due;
                synchronized (lane) {
                    long now = System.nanoTime();
                    lane.freeNanos = Math.max(lane.freeNanos, now) + read * 1_000_000_000L / bytesPerSecond;
                    if (lossPercent > 0 && isLost()) {
                        lane.freeNanos += RETRANSMISSION_NANOS;
                    }
                    due = lane.freeNanos + delayNanos;
                }
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(chunk, 0, read);
                if (counts) {
                    bytesUp += read;
                }
            }
        } catch (IOException e) {
            // The end of a connection, by either side or by reset().
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private boolean isLost() {
        synchronized (random) {
            return random.nextDouble() * 100 < lossPercent;
        }
    }

    private static void quietly(@Nullable Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        reset();
    }
}
