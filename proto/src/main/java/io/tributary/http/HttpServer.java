package io.tributary.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 listener: one event loop for all sockets, a bounded pool of workers for handlers, one thread for probes.
 * Started and closed by {@code main}.
 */
public final class HttpServer implements AutoCloseable {
    /** Writing stops at the upper mark and goes on below the lower one: bytes held per slow client. */
    private static final WriteBufferWaterMark WRITE_BUFFER = new WriteBufferWaterMark(32 << 10, 128 << 10);

    /** More than fit what is read in one go, behind which reading waits: the codec closes the connection beyond. */
    private static final int PIPELINED_MAX = 16_384;

    private static final byte[] TOO_MANY = ("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                    + "Connection: close\r\nContent-Length: 0\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    private final HttpServerOptions options;
    private final Router router;
    private final HttpSecurity security;
    private final HttpMetrics metrics;
    private volatile boolean closing;
    private volatile @Nullable Running running;

    /** What exists between start and close. */
    private record Running(EventLoopGroup loop, Channel listener, ChannelGroup connections, Dispatcher dispatcher) {}

    /** Plain HTTP for everybody. */
    public HttpServer(HttpServerOptions options, Router router, PrometheusRegistry registry) {
        this(options, router, HttpSecurity.NONE, registry);
    }

    public HttpServer(HttpServerOptions options, Router router, HttpSecurity security, PrometheusRegistry registry) {
        this.options = options;
        this.router = router;
        this.security = security;
        this.metrics = new HttpMetrics(registry, this::connections, this::queued);
    }

    /** @throws IOException the address is in use or not ours; the server can be started again */
    public void start() throws IOException {
        if (running != null) {
            throw new IllegalStateException("BUG: the HTTP server is already started");
        }
        closing = false;
        SslContext tls = security.context();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("http-io", true), NioIoHandler.newFactory());
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        Dispatcher dispatcher = new Dispatcher(options, router, security.access(), metrics);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 128)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Who has said everything may still listen.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
                .childHandler(new Accepted(connections, dispatcher, tls))
                .bind(options.listen().address())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 2, TimeUnit.SECONDS);
            throw cannotListen(bound.cause());
        }
        running = new Running(loop, bound.channel(), connections, dispatcher);
    }

    private IOException cannotListen(Throwable cause) {
        String why = cause instanceof BindException
                        && String.valueOf(cause.getMessage()).contains("in use")
                ? "the address is in use"
                : options.listen().address().isUnresolved()
                        ? "the host name cannot be resolved"
                        : String.valueOf(cause);
        return new IOException("cannot listen for HTTP on " + options.listen() + ": " + why, cause);
    }

    /** Where it listens, with the port that was taken when 0 was asked for. */
    public InetSocketAddress address() {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("BUG: address of an HTTP server that is not started");
        }
        return (InetSocketAddress) current.listener.localAddress();
    }

    /** Takes no further connections, lets running requests finish within the drain timeout, then cuts the rest. */
    @Override
    public void close() {
        Running current = running;
        if (current == null) {
            return;
        }
        closing = true;
        running = null;
        current.listener.close().awaitUninterruptibly();
        for (Channel connection : current.connections) {
            connection.eventLoop().execute(() -> drain(connection));
        }
        current.connections
                .newCloseFuture()
                .awaitUninterruptibly(options.drainTimeout().toMillis());
        current.connections.close().awaitUninterruptibly(1_000);
        current.dispatcher.shutdownNow();
        current.loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2_000);
    }

    private static void drain(Channel connection) {
        ChannelHandlerContext context = connection.pipeline().context(HttpConnection.class);
        if (context != null) {
            ((HttpConnection) context.handler()).drain(context);
        }
    }

    boolean isClosing() {
        return closing;
    }

    HttpServerOptions options() {
        return options;
    }

    HttpMetrics metrics() {
        return metrics;
    }

    private int connections() {
        Running current = running;
        return current == null ? 0 : current.connections.size();
    }

    private int queued() {
        Running current = running;
        return current == null ? 0 : current.dispatcher.queued();
    }

    /** Builds the pipeline of a connection, or turns it away. Called on the one event loop. */
    private final class Accepted extends ChannelInitializer<SocketChannel> {
        private final ChannelGroup connections;
        private final Dispatcher dispatcher;
        private final @Nullable SslContext tls;
        /** In the order in which they came. */
        private final Map<Channel, HttpConnection> open = new LinkedHashMap<>();

        Accepted(ChannelGroup connections, Dispatcher dispatcher, @Nullable SslContext tls) {
            this.connections = connections;
            this.dispatcher = dispatcher;
            this.tls = tls;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            if (open.size() >= options.connectionsMax() && !makeRoom()) {
                metrics.connectionsRefused.inc();
                channel.writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY)).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            connections.add(channel);
            HttpConnection connection = new HttpConnection(HttpServer.this, dispatcher);
            open.put(channel, connection);
            channel.closeFuture().addListener(closed -> open.remove(channel));
            HttpDecoderConfig limits = new HttpDecoderConfig()
                    .setMaxInitialLineLength(options.requestLineBytesMax().intBytes())
                    .setMaxHeaderSize(options.headerBytesMax().intBytes())
                    .setMaxChunkSize(64 << 10);
            if (tls != null) {
                SslHandler handler = tls.newHandler(channel.alloc());
                handler.setHandshakeTimeoutMillis(options.requestTimeout().toMillis());
                handler.handshakeFuture().addListener(done -> {
                    if (done.cause() != null) {
                        metrics.handshakesFailed.inc();
                        security.access()
                                .handshakeRefused(
                                        channel.remoteAddress().getAddress().getHostAddress(), done.cause());
                    }
                });
                channel.pipeline().addLast(handler);
            }
            channel.pipeline()
                    .addLast(new HttpConnection.FirstByte(connection))
                    .addLast(new HttpServerCodec(limits, PIPELINED_MAX))
                    .addLast(connection);
        }

        /**
         * Closes the oldest connection that has not brought a whole request yet. Whoever holds connections open to keep
         * others out loses them to the next who comes; an honest client asks within moments.
         */
        private boolean makeRoom() {
            for (Map.Entry<Channel, HttpConnection> each : open.entrySet()) {
                if (!each.getValue().hasAsked()) {
                    metrics.connectionsEvicted.inc();
                    open.remove(each.getKey());
                    each.getKey().close();
                    return true;
                }
            }
            return false;
        }
    }
}
