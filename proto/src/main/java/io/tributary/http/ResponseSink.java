package io.tributary.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker's response meets the connection: writes come from the worker, news of the channel from the event loop.
 * The worker waits here while the socket takes nothing.
 */
final class ResponseSink {
    /** One chunk of the body: large enough to make framing cheap, small enough to keep for every worker. */
    private static final int CHUNK_BYTES = 16 << 10;

    private final Channel channel;
    private final boolean head;
    private final boolean http10;
    private final long stallNanos;
    private final HttpMetrics metrics;

    /** Guards changes of {@code gone} and {@code onGone}; notified when the channel becomes writable or closes. */
    private final Object lock = new Object();

    private volatile boolean gone;
    private @Nullable Runnable onGone;

    /** Worker only. */
    private @Nullable Chunks chunks;

    private @Nullable ChannelFuture lastWrite;
    private volatile boolean keepAlive;
    /** Set before the first byte is handed to the channel, whose event loop then has it behind anything it writes now. */
    private volatile boolean begun;

    /**
     * @param head the body is left out
     * @param http10 the body ends with the connection, as chunks are not understood
     */
    ResponseSink(
            Channel channel, boolean head, boolean http10, boolean keepAlive, long stallNanos, HttpMetrics metrics) {
        this.channel = channel;
        this.head = head;
        this.http10 = http10;
        this.keepAlive = keepAlive && !http10;
        this.stallNanos = stallNanos;
        this.metrics = metrics;
    }

    /** A complete response with its length. */
    void whole(int status, HttpHeaders headers, HeldBytes body) throws IOException {
        awaitWritable();
        begun = true;
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), head ? Unpooled.EMPTY_BUFFER : body.buffer());
        response.headers().set(headers);
        if (status != 204) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.size());
        }
        common(response);
        metrics.responseBytes.inc(head ? 0 : body.size());
        lastWrite = channel.writeAndFlush(response);
    }

    /**
     * The head of a response of unknown length, and where its body goes.
     *
     * @throws HeadAnsweredException when only the head was asked for: the response is complete
     */
    OutputStream chunked(int status, HttpHeaders headers) throws IOException {
        awaitWritable();
        begun = true;
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        response.headers().set(headers);
        if (!http10) {
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        common(response);
        channel.write(response, channel.voidPromise());
        if (head) {
            lastWrite = channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            throw new HeadAnsweredException();
        }
        chunks = new Chunks();
        return chunks;
    }

    void end() throws IOException {
        if (chunks != null) {
            chunks.flush();
        }
        lastWrite = channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** Cuts the connection: what was sent stays visibly incomplete. */
    void abort() {
        metrics.aborted.inc();
        channel.close();
    }

    /** Calls the event loop back when the last byte has left, with whether the connection can be used again. */
    void whenSent(KeepAliveListener listener) {
        ChannelFuture last = lastWrite;
        if (last == null) {
            throw new IllegalStateException("BUG: the response was not completed");
        }
        last.addListener((ChannelFutureListener) written -> listener.sent(keepAlive && written.isSuccess()));
    }

    interface KeepAliveListener {
        void sent(boolean keepAlive);
    }

    /** The connection is not used again after this response; any thread, best before the head is sent. */
    void closeAfterwards() {
        keepAlive = false;
    }

    /** Event loop: nothing of the response has been sent, and what is written now comes before it. */
    boolean isUnbegun() {
        return !begun && !http10;
    }

    boolean isGone() {
        return gone;
    }

    void onGone(Runnable action) {
        synchronized (lock) {
            if (!gone) {
                onGone = action;
                return;
            }
        }
        action.run();
    }

    /** Event loop: the channel takes bytes again. */
    void writable() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    /** Event loop: the channel is closed. */
    void clientGone() {
        Runnable action;
        synchronized (lock) {
            gone = true;
            action = onGone;
            onGone = null;
            lock.notifyAll();
        }
        if (action != null) {
            action.run();
        }
    }

    private void common(HttpResponse response) {
        response.headers().set("X-Content-Type-Options", "nosniff");
        if (!response.headers().contains(HttpHeaderNames.CACHE_CONTROL)) {
            response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        }
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private void awaitWritable() throws IOException {
        long deadline = System.nanoTime() + stallNanos;
        synchronized (lock) {
            while (!gone && !channel.isWritable()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new ClientGoneException(
                            "the client has read nothing for " + TimeUnit.NANOSECONDS.toMillis(stallNanos) + " ms");
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("the server is closing");
                }
            }
            if (gone) {
                throw new ClientGoneException("the client closed the connection");
            }
        }
    }

    /** Collects small writes into chunks. */
    private final class Chunks extends OutputStream {
        private final byte[] buffer = new byte[CHUNK_BYTES];
        private int size;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int n = Math.min(length - done, CHUNK_BYTES - size);
                System.arraycopy(bytes, offset + done, buffer, size, n);
                size += n;
                done += n;
                if (size == CHUNK_BYTES) {
                    flush();
                }
            }
        }

        @Override
        public void flush() throws IOException {
            if (size > 0) {
                awaitWritable();
                ByteBuf bytes = channel.alloc().buffer(size, size);
                bytes.writeBytes(buffer, 0, size);
                metrics.responseBytes.inc(size);
                size = 0;
                channel.writeAndFlush(new DefaultHttpContent(bytes), channel.voidPromise());
            }
        }
    }
}
