package io.tributary.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A device on a line protocol listener that sends a line every 20 ms and takes the time until it is acknowledged, which is
 * after fsync. One thread, its own.
 */
final class AckProbe implements AutoCloseable {
    private static final long PACE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final Thread thread = new Thread(this::run, "ack-probe");

    // Guarded by this.
    private List<Long> delaysNs = new ArrayList<>();
    private String fault = "";
    private volatile boolean closed;

    AckProbe(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (BufferedReader answers =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            long sent = 0;
            while (!closed) {
                long began = System.nanoTime();
                socket.getOutputStream()
                        .write(("probe,device=probe n=" + ++sent + "i\n").getBytes(StandardCharsets.US_ASCII));
                String expected = "OK " + sent;
                String answer = answers.readLine();
                if (!expected.equals(answer)) {
                    throw new IOException("\"" + answer + "\", expected \"" + expected + "\"");
                }
                long took = System.nanoTime() - began;
                synchronized (this) {
                    delaysNs.add(took);
                }
                LockSupport.parkNanos(PACE_NS - took);
            }
        } catch (IOException e) {
            synchronized (this) {
                fault = closed ? "" : "the probe's connection broke: " + e.getMessage();
            }
        }
    }

    /** What was found since the last call, sorted, in ms. */
    synchronized List<Double> take() {
        if (!fault.isEmpty()) {
            throw new IllegalStateException(fault);
        }
        List<Double> millis = delaysNs.stream().sorted().map(each -> each / 1e6).toList();
        delaysNs = new ArrayList<>();
        return millis;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
    }
}
