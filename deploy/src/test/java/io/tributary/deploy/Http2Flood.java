package io.tributary.deploy;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One connection of somebody without a certificate who speaks HTTP/2 as it is not meant, frame by frame (RFC 9113), until the
 * server ends it or there is no frame left.
 */
final class Http2Flood {
    /** Far more than any limit needs. */
    private static final int FRAMES_MAX = 60_000;

    private static final int PATIENCE_MILLIS = 60_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 4;

    /** What it does over and over. */
    enum Kind {
        /** Opens a call and takes it back (CVE-2023-44487). */
        RAPID_RESET,
        /** Each asks for an answer, which is not read (CVE-2019-9515). */
        SETTINGS,
        /** As settings (CVE-2019-9512). */
        PING,
        /** Frames that bring nothing, on a call that is open (CVE-2019-9518). */
        EMPTY_DATA,
        /** Headers without an end (CVE-2024-27316). */
        CONTINUATION,
        /** One long header in the table, named again and again in few bytes (CVE-2016-6581). */
        HEADER_BOMB,
        /** A frame longer than the server has said it takes. */
        OVERSIZE
    }

    private final X509Certificate authority;
    private final int port;

    Http2Flood(X509Certificate authority, int port) {
        this.authority = authority;
        this.port = port;
    }

    /** @return frames sent when the server ended it; -1 when it did not */
    int run(Kind kind) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) Identity.context(authority, null).getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.startHandshake();
            AtomicBoolean ended = new AtomicBoolean();
            Thread reader = reader(socket.getInputStream(), kind, ended);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 14));
            int sent = 0;
            try {
                out.write(PREFACE);
                frame(out, SETTINGS, 0, 0, new byte[0]);
                begin(out, kind);
                while (sent < FRAMES_MAX && !ended.get()) {
                    next(out, kind, sent);
                    sent++;
                }
                out.flush();
            } catch (IOException e) {
                return sent; // reset while it spoke
            }
            reader.join(PATIENCE_MILLIS);
            return ended.get() ? sent : -1;
        }
    }

    /** Who floods with what has to be answered does not read the answers: the server must not keep them. */
    private static Thread reader(InputStream in, Kind kind, AtomicBoolean ended) {
        Thread thread = new Thread(
                () -> {
                    try {
                        byte[] bytes = new byte[1 << 14];
                        int count = 0;
                        while (count >= 0) {
                            count = in.read(bytes);
                        }
                    } catch (IOException e) {
                        // A reset is an end, too.
                    }
                    ended.set(true);
                },
                "http2-flood-" + kind);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void begin(DataOutputStream out, Kind kind) throws IOException {
        switch (kind) {
            case EMPTY_DATA -> frame(out, HEADERS, END_HEADERS, 1, call());
            case CONTINUATION -> frame(out, HEADERS, 0, 1, call());
            default -> {
                // Needs no call.
            }
        }
    }

    private static void next(DataOutputStream out, Kind kind, int turn) throws IOException {
        switch (kind) {
            case RAPID_RESET -> {
                int stream = 2 * turn + 1;
                frame(out, HEADERS, END_HEADERS, stream, call());
                frame(out, RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
            }
            case SETTINGS -> frame(out, SETTINGS, 0, 0, new byte[0]);
            case PING -> frame(out, PING, 0, 0, new byte[8]);
            case EMPTY_DATA -> frame(out, DATA, 0, 1, new byte[0]);
            case CONTINUATION -> frame(out, CONTINUATION, 0, 1, literal("x-" + turn, "y".repeat(100)));
            case HEADER_BOMB -> frame(out, HEADERS, END_HEADERS, 2 * turn + 1, bomb());
            case OVERSIZE -> frame(out, DATA, 0, 1, new byte[1 << 20]);
        }
    }

    /** HPACK of a call of the collector's ingest service. */
    private static byte[] call() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x87); // :scheme https
        block.writeBytes(literal(":path", "/tributary.v1.Ingest/Connect"));
        block.writeBytes(literal(":authority", "localhost"));
        block.writeBytes(literal("content-type", "application/grpc"));
        block.writeBytes(literal("te", "trailers"));
        return block.toByteArray();
    }

    /** Put into the table once, with 4,000 bytes, and named 4,000 times: 16 MB of headers. */
    private static byte[] bomb() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(call());
        block.write(0x40); // literal with indexing, new name
        text(block, "x");
        text(block, "y".repeat(4_000));
        for (int i = 0; i < 4_000; i++) {
            block.write(0xbe); // entry 62
        }
        return block.toByteArray();
    }

    /** Without indexing. */
    private static byte[] literal(String name, String value) {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.write(0);
        text(field, name);
        text(field, value);
        return field.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        int length = text.length();
        if (length < 127) {
            out.write(length);
        } else {
            out.write(127);
            int rest = length - 127;
            while (rest >= 128) {
                out.write(rest & 0x7f | 0x80);
                rest >>= 7;
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length & 0xffff);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }
}
