package io.tributary.deploy;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A device that sends a reading every 20 ms and takes the time until it is acknowledged, which is after fsync. One thread,
 * its own.
 */
final class AckProbe implements AutoCloseable {
    private static final long PACE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int PATIENCE_MILLIS = 60_000;
    private static final byte[] MQTT_CONNECT = {
        0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 5, 'p', 'r', 'o', 'b', 'e'
    };

    /** How the device talks. */
    enum Kind {
        LINES,
        MQTT,
        HTTP
    }

    private final Kind kind;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final Thread thread;

    // Guarded by this.
    private List<Long> delaysNs = new ArrayList<>();
    private long acknowledged;
    private String fault = "";
    private volatile boolean closed;

    AckProbe(Kind kind, int port) throws IOException {
        this.kind = kind;
        thread = new Thread(this::run, "ack-probe-" + kind);
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream());
        thread.setDaemon(true);
        thread.start();
    }

    /** What it calls itself. */
    String device() {
        return "probe-" + kind;
    }

    private void run() {
        try {
            if (kind == Kind.MQTT) {
                out.write(MQTT_CONNECT);
                out.flush();
                expect(0x20, 2, 0, 0);
            }
            for (long sent = 1; !closed; sent++) {
                long began = System.nanoTime();
                exchange(sent);
                long took = System.nanoTime() - began;
                synchronized (this) {
                    delaysNs.add(took);
                    acknowledged = sent;
                }
                LockSupport.parkNanos(PACE_NS - took);
            }
        } catch (IOException e) {
            synchronized (this) {
                fault = closed ? "" : device() + ": the connection broke: " + e.getMessage();
            }
        }
    }

    private void exchange(long number) throws IOException {
        String text = "probe,device=" + device() + " n=" + number + "i\n";
        switch (kind) {
            case LINES -> {
                out.write(text.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                expect("OK " + number);
            }
            case HTTP -> {
                String head = "POST /write HTTP/1.1\r\nHost: probe\r\nContent-Length: " + text.length() + "\r\n\r\n";
                out.write((head + text).getBytes(StandardCharsets.US_ASCII));
                out.flush();
                expect("HTTP/1.1 204 No Content");
                while (!line().isEmpty()) {
                    continue;
                }
            }
            case MQTT -> {
                int id = (int) (number % 0xffff) + 1;
                byte[] topic = ("sim/" + device()).getBytes(StandardCharsets.US_ASCII);
                byte[] payload = ("{\"values\":{\"n\":" + number + "}}").getBytes(StandardCharsets.US_ASCII);
                out.write(0x32);
                out.write(4 + topic.length + payload.length); // below 128
                out.write(new byte[] {0, (byte) topic.length});
                out.write(topic);
                out.write(new byte[] {(byte) (id >> 8), (byte) id});
                out.write(payload);
                out.flush();
                expect(0x40, 2, id >> 8, id & 0xff);
            }
        }
    }

    private void expect(String expected) throws IOException {
        String answer = line();
        if (!expected.equals(answer)) {
            throw new IOException("\"" + answer + "\", expected \"" + expected + "\"");
        }
    }

    private void expect(int... octets) throws IOException {
        for (int expected : octets) {
            int answer = in.readUnsignedByte();
            if (answer != expected) {
                throw new IOException("octet " + answer + ", expected " + expected);
            }
        }
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int octet = in.readUnsignedByte(); octet != '\n'; octet = in.readUnsignedByte()) {
            if (octet != '\r') {
                text.append((char) octet);
            }
        }
        return text.toString();
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

    /** Readings, of which none is on its way any more: ends it. */
    long finish() throws IOException {
        closed = true;
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + device() + " ends", e);
        }
        socket.close();
        synchronized (this) {
            return acknowledged;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
    }
}
