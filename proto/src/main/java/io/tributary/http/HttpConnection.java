package io.tributary.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: collects a request within its limits, hands it to a worker, and takes the next one when the response
 * is out. Everything here runs on the event loop.
 *
 * <pre>
 *  IDLE --first byte--> RECEIVING --complete--> ANSWERING --sent--> IDLE
 *    |idleTimeout           |requestTimeout, too large, garbage
 *    v                      v
 *  close                LINGERING: problem sent, input thrown away for a moment, close
 * </pre>
 *
 * What a client sends ahead while its request is answered waits here; reading stops after one read's worth of it.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    /** How long a refused client may go on sending: closing at once would reset the connection under the answer. */
    private static final long LINGER_MILLIS = 1_000;

    /** Quick answers are not preceded by a probe. */
    private static final long PROBE_MILLIS = 1_000;

    private enum State {
        IDLE,
        RECEIVING,
        ANSWERING,
        LINGERING
    }

    private final HttpServer server;
    private final Dispatcher dispatcher;
    private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private State state = State.IDLE;
    private @Nullable HttpRequest head;
    private @Nullable ResponseSink running;
    private @Nullable Future<?> timer;
    private boolean taking;
    private boolean inputEnded;
    private boolean asked;
    private @Nullable ChannelHandlerContext own;

    HttpConnection(HttpServer server, Dispatcher dispatcher) {
        this.server = server;
        this.dispatcher = dispatcher;
    }

    /** First in the pipeline: sees the first byte of a request, long before the codec has made an object of it. */
    static final class FirstByte extends ChannelInboundHandlerAdapter {
        private final HttpConnection connection;

        FirstByte(HttpConnection connection) {
            this.connection = connection;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            connection.bytesArrived();
            ctx.fireChannelRead(message);
        }
    }

    /** True once a whole request has come: what has not got that far gives way when there are too many connections. */
    boolean hasAsked() {
        return asked;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        own = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        idle(ctx);
        ctx.fireChannelActive();
    }

    private void idle(ChannelHandlerContext ctx) {
        state = State.IDLE;
        if (server.isClosing()) {
            ctx.close();
        } else {
            after(ctx, server.options().idleTimeout().toMillis(), ctx::close);
        }
    }

    private void bytesArrived() {
        ChannelHandlerContext ctx = own;
        if (state == State.IDLE && ctx != null) {
            receiving(ctx);
        }
    }

    private void receiving(ChannelHandlerContext ctx) {
        state = State.RECEIVING;
        long millis = server.options().requestTimeout().toMillis();
        after(
                ctx,
                millis,
                () -> refuse(
                        ctx,
                        new ProblemException(
                                408,
                                "Request timeout",
                                "the request was not complete after " + millis + " ms, expected it within that time")));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state == State.LINGERING || !(message instanceof HttpObject object)) {
            ReferenceCountUtil.release(message);
            return;
        }
        ahead.add(object);
        takeAhead(ctx);
    }

    /** Works through what has arrived until a request has to be answered first. */
    private void takeAhead(ChannelHandlerContext ctx) {
        if (taking) {
            return;
        }
        taking = true;
        try {
            while (state != State.ANSWERING && !ahead.isEmpty()) {
                HttpObject object = ahead.remove();
                try {
                    if (state != State.LINGERING) {
                        take(ctx, object);
                    }
                } catch (ProblemException e) {
                    refuse(ctx, e);
                } finally {
                    ReferenceCountUtil.release(object);
                }
            }
        } finally {
            taking = false;
        }
        ctx.channel().config().setAutoRead(ahead.isEmpty());
    }

    private void take(ChannelHandlerContext ctx, HttpObject object) {
        if (object.decoderResult().isFailure()) {
            throw undecodable(object.decoderResult().cause());
        }
        if (object instanceof HttpRequest request) {
            begin(ctx, request);
        }
        if (object instanceof HttpContent content) {
            append(content.content());
        }
        if (object instanceof LastHttpContent) {
            dispatch(ctx);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        if (state == State.IDLE) {
            receiving(ctx);
        }
        head = request;
        body.reset();
        if (!request.uri().startsWith("/") && !request.uri().equals("*") || !UriText.isVisibleAscii(request.uri())) {
            throw ProblemException.badRequest("the request target is " + ProblemException.quoted(request.uri())
                    + ", expected an absolute path of percent-encoded ASCII");
        }
        if (request.protocolVersion().majorVersion() != 1) {
            throw new ProblemException(
                    505, "HTTP version not supported", "version " + request.protocolVersion() + ", expected HTTP/1.1");
        }
        if (request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            throw ProblemException.badRequest("the request has "
                    + request.headers().getAll(HttpHeaderNames.HOST).size() + " Host headers, expected 1");
        }
        if (HttpUtil.getContentLength(request, 0L)
                > server.options().bodyBytesMax().bytes()) {
            throw bodyTooLarge(HttpUtil.getContentLength(request, 0L) + " bytes");
        }
        String expect = request.headers().get(HttpHeaderNames.EXPECT);
        if (expect != null) {
            if (!HttpUtil.is100ContinueExpected(request)) {
                throw new ProblemException(
                        417,
                        "Expectation failed",
                        "header Expect is " + ProblemException.quoted(expect) + ", expected 100-continue");
            }
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void append(ByteBuf content) {
        int length = content.readableBytes();
        if (body.size() + length > server.options().bodyBytesMax().bytes()) {
            throw bodyTooLarge("longer");
        }
        try {
            content.readBytes(body, length);
        } catch (IOException e) {
            throw new IllegalStateException("BUG: writing to memory failed", e);
        }
    }

    private ProblemException bodyTooLarge(String found) {
        return new ProblemException(
                413,
                "Content too large",
                "the body is " + found + ", expected at most "
                        + server.options().bodyBytesMax());
    }

    private ProblemException undecodable(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new ProblemException(
                    414,
                    "URI too long",
                    "the request line is longer than " + server.options().requestLineBytesMax()
                            + ", expected at most that");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new ProblemException(
                    431,
                    "Request header fields too large",
                    "the header is longer than " + server.options().headerBytesMax() + ", expected at most that");
        }
        LOG.debug("not HTTP", cause);
        return ProblemException.badRequest("this is not HTTP/1.1: expected a request line, header fields and a body"
                + " as RFC 9112 defines them");
    }

    private void dispatch(ChannelHandlerContext ctx) {
        HttpRequest complete = head;
        if (complete == null) {
            throw new IllegalStateException("BUG: the end of a request that did not begin");
        }
        head = null;
        state = State.ANSWERING;
        asked = true;
        cancelTimer();
        boolean keepAlive = HttpUtil.isKeepAlive(complete) && !server.isClosing();
        ResponseSink sink = new ResponseSink(
                ctx.channel(),
                complete.method().name().equals("HEAD"),
                complete.protocolVersion().minorVersion() == 0,
                keepAlive,
                server.options().stallTimeout().toNanos(),
                server.metrics());
        byte[] bytes = body.toByteArray();
        body.reset();
        running = sink;
        dispatcher.dispatch(
                complete, bytes, address(ctx), ctx.executor(), sink, again -> sent(ctx, again && !server.isClosing()));
    }

    private static String address(ChannelHandlerContext ctx) {
        return ctx.channel().remoteAddress() instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress()
                : String.valueOf(ctx.channel().remoteAddress());
    }

    /** The response is out. */
    private void sent(ChannelHandlerContext ctx, boolean again) {
        running = null;
        if (!again) {
            linger(ctx);
            return;
        }
        if (ahead.isEmpty() && inputEnded) {
            linger(ctx);
            return;
        }
        idle(ctx);
        if (!ahead.isEmpty()) {
            receiving(ctx);
        }
        takeAhead(ctx);
    }

    /** Answers a request that cannot be taken; the connection ends, as where the next one would begin is unknown. */
    private void refuse(ChannelHandlerContext ctx, ProblemException problem) {
        server.metrics().answered(HttpMetrics.NO_ROUTE, problem.status(), 0);
        state = State.ANSWERING;
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(problem.status()),
                Unpooled.wrappedBuffer(problem.body(null)));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, ProblemException.CONTENT_TYPE);
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        response.headers().set(HttpHeaderNames.CONNECTION, "close");
        problem.headers().forEach(response.headers()::set);
        ctx.writeAndFlush(response).addListener(written -> linger(ctx));
        state = State.LINGERING;
    }

    private void linger(ChannelHandlerContext ctx) {
        state = State.LINGERING;
        releaseAhead();
        if (ctx.channel() instanceof SocketChannel socket && socket.isActive()) {
            socket.config().setAutoRead(true);
            SslHandler tls = socket.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.closeOutbound();
            }
            socket.shutdownOutput().addListener((ChannelFutureListener) done -> {
                if (!done.isSuccess()) {
                    ctx.close();
                }
            });
            after(ctx, LINGER_MILLIS, ctx::close);
        } else {
            ctx.close();
        }
    }

    /** The server is closing: an idle connection ends, a busy one after its response. */
    void drain(ChannelHandlerContext ctx) {
        if (state == State.IDLE) {
            ctx.close();
        } else if (running != null) {
            running.closeAfterwards();
        }
    }

    /** The client sends no more. It may have closed, too, or just wait for its answers, as {@code nc -N} does. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (state != State.ANSWERING) {
                ctx.close();
            } else {
                after(ctx, PROBE_MILLIS, () -> probe(ctx));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    /**
     * Finds out whether a client that sends no more is still there, as long as its answer has not begun: one that is gone
     * resets the connection when it is sent something. Until then a query would go on for nobody.
     */
    private void probe(ChannelHandlerContext ctx) {
        if (state == State.ANSWERING && running != null && running.isUnbegun()) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.PROCESSING, Unpooled.EMPTY_BUFFER));
            after(ctx, PROBE_MILLIS, () -> probe(ctx));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (running != null) {
            running.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancelTimer();
        releaseAhead();
        state = State.LINGERING;
        if (running != null) {
            running.clientGone();
            running = null;
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("{} failed", ctx.channel(), cause);
        } else {
            LOG.warn("{} failed", ctx.channel(), cause);
        }
        ctx.close();
    }

    private void releaseAhead() {
        for (HttpObject object : ahead) {
            ReferenceCountUtil.release(object);
        }
        ahead.clear();
    }

    private void after(ChannelHandlerContext ctx, long millis, Runnable action) {
        cancelTimer();
        timer = ctx.executor().schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
