package io.tributary.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request, written by its worker thread. Status and headers are sent with the first bytes that do not
 * fit the first buffer ({@link #FIRST_BUFFER_BYTES}); until then everything can still be replaced by a problem. The
 * response is complete when the handler returns; when it throws after the first bytes were sent, the connection is cut,
 * so that nobody takes a part for the whole.
 */
public final class Response {
    /** A response up to this size is sent with its length; a larger one in chunks. */
    public static final int FIRST_BUFFER_BYTES = 256 << 10;
    /** Below this, gzip costs more than it saves. */
    private static final int GZIP_BYTES_MIN = 1024;

    private final ResponseSink sink;
    private final boolean gzipAccepted;
    private final HttpHeaders headers = new DefaultHttpHeaders();
    private int status = 200;
    private boolean committed;
    private boolean heldWhole;
    private @Nullable Body body;

    Response(ResponseSink sink, boolean gzipAccepted) {
        this.sink = sink;
        this.gzipAccepted = gzipAccepted;
    }

    public Response status(int newStatus) {
        expectOpen();
        status = newStatus;
        return this;
    }

    /** Sets a header, replacing one of the same name. */
    public Response header(String name, String value) {
        expectOpen();
        headers.set(name, value);
        return this;
    }

    /** Writes a complete body. */
    public void send(String contentType, String text) throws IOException {
        send(contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a complete body. */
    public void send(String contentType, byte[] bytes) throws IOException {
        stream(contentType).write(bytes);
    }

    /**
     * The body as a stream. A write may block for as long as the client takes to read, at most the stall timeout at a
     * time, and throws {@link ClientGoneException} when it does not or has gone away. Flushing sends what is buffered.
     * Closing does nothing.
     */
    public OutputStream stream(String contentType) {
        return stream(contentType, FIRST_BUFFER_BYTES);
    }

    /** @param wholeBytesMax up to this many bytes nothing is sent before the end, and headers can still be set */
    public OutputStream stream(String contentType, int wholeBytesMax) {
        expectOpen();
        if (body != null) {
            throw new IllegalStateException("BUG: the response already has a body");
        }
        headers.set("Content-Type", contentType);
        body = new Body(heldWhole ? Integer.MAX_VALUE : wholeBytesMax);
        return body;
    }

    /** Nothing is sent before the end, so that nothing waits for the client: for a handler on the event loop. */
    void holdWhole() {
        heldWhole = true;
    }

    /** True when the client closed its connection: who computes for long without writing asks now and then. */
    public boolean isGone() {
        return sink.isGone();
    }

    /** Runs once, on any thread, when the client goes away before the response is complete; at once if it has. */
    public void onGone(Runnable action) {
        sink.onGone(action);
    }

    int status() {
        return status;
    }

    boolean isCommitted() {
        return committed;
    }

    /** Called when the handler has returned. */
    void finish() throws IOException {
        Body written = body;
        if (committed && written != null) {
            written.end();
        } else {
            finishWhole(written == null ? new HeldBytes() : written.first);
        }
    }

    /** Replaces whatever was written; only before anything was sent. */
    void fail(ProblemException problem, @Nullable String path) throws IOException {
        expectOpen();
        headers.clear();
        status = problem.status();
        problem.headers().forEach(headers::set);
        headers.set("Content-Type", ProblemException.CONTENT_TYPE);
        HeldBytes text = new HeldBytes();
        text.write(problem.body(path));
        finishWhole(text);
    }

    private void finishWhole(HeldBytes bytes) throws IOException {
        committed = true;
        HeldBytes sent = bytes;
        if (gzipAccepted && bytes.size() >= GZIP_BYTES_MIN) {
            sent = new HeldBytes();
            try (OutputStream gzip = new FastGzip(sent)) {
                bytes.writeTo(gzip);
            }
            setGzip();
        }
        sink.whole(status, headers, sent);
    }

    private void setGzip() {
        headers.set("Content-Encoding", "gzip");
        headers.set("Vary", "Accept-Encoding");
    }

    private void expectOpen() {
        if (committed) {
            throw new IllegalStateException("BUG: the head of the response has already been sent");
        }
    }

    /** Keeps the first bytes back, so that a short response has a length and a failing one can become a problem. */
    private final class Body extends OutputStream {
        private final HeldBytes first = new HeldBytes();
        private final int firstBytesMax;
        private @Nullable OutputStream open;

        Body(int firstBytesMax) {
            this.firstBytesMax = firstBytesMax;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (open == null && first.size() + length <= firstBytesMax) {
                first.write(bytes, offset, length);
            } else {
                open().write(bytes, offset, length);
            }
        }

        @Override
        public void flush() throws IOException {
            if (!heldWhole) {
                open().flush();
            }
        }

        private OutputStream open() throws IOException {
            if (open == null) {
                committed = true;
                if (gzipAccepted) {
                    setGzip();
                }
                OutputStream chunks = sink.chunked(status, headers);
                open = gzipAccepted ? new FastGzip(chunks) : chunks;
                first.writeTo(open);
                first.clear();
            }
            return open;
        }

        private void end() throws IOException {
            OutputStream stream = open();
            if (stream instanceof GZIPOutputStream gzip) {
                gzip.finish();
            }
            sink.end();
        }
    }

    /** The fastest level: a worker's time is scarcer than bytes. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 4096, true);
            def.setLevel(java.util.zip.Deflater.BEST_SPEED);
        }
    }
}
