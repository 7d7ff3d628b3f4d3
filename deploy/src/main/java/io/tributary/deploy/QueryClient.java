package io.tributary.deploy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * One HTTP/1.1 connection that is kept, for measurements: takes as little of the machine as a client can, so that what is
 * measured is the server. Only answers with a length or in chunks. Not thread-safe.
 */
final class QueryClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[64 << 10];
    private int from;
    private int to;
    private byte[] body = new byte[64 << 10];
    private int size;

    QueryClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /**
     * @param path with its query, percent-encoded
     * @return the length of the body, which is read whole
     * @throws IllegalStateException for another status than 200
     */
    int get(String path) throws IOException {
        out.write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        String status = line();
        int length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).trim());
            }
        }
        size = 0;
        if (length >= 0) {
            take(length);
        } else {
            for (int chunk = chunk(); chunk > 0; chunk = chunk()) {
                take(chunk);
                line();
            }
            line();
        }
        if (!status.contains(" 200 ")) {
            throw new IllegalStateException("GET " + path + " -> " + status + ": " + text());
        }
        return size;
    }

    /** The body of the last answer. */
    String text() {
        return new String(body, 0, size, StandardCharsets.UTF_8);
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private void take(int count) throws IOException {
        if (size + count > body.length) {
            body = Arrays.copyOf(body, Math.max(size + count, body.length * 2));
        }
        int held = Math.min(count, to - from);
        System.arraycopy(buffer, from, body, size, held);
        from += held;
        size += held;
        for (int left = count - held; left > 0; ) {
            int read = in.read(body, size, left);
            if (read < 0) {
                throw new EOFException("the collector closed the connection");
            }
            size += read;
            left -= read;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (from == to) {
                from = 0;
                to = in.read(buffer);
                if (to < 0) {
                    throw new EOFException("the collector closed the connection");
                }
            }
            char c = (char) buffer[from++];
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append(c);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
