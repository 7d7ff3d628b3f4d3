package io.tributary.agent.source.tcp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.FrameReader;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.LineReader;
import io.tributary.agent.source.Newcomers;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceGuard;
import io.tributary.listen.ServerTls;
import io.tributary.tls.TlsRules;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener: accepts up to a limit, and gives each connection the handlers of its protocol. One event loop thread.
 *
 * <p>When there is no room the oldest connection gives way that has not brought a message yet: whoever connects and waits
 * keeps nobody out.
 */
public final class TcpSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final TcpOptions options;
    private final TcpMetrics metrics;
    private final SourceGuard guard;
    private final LongSupplier nanoTime;
    private final Supplier<ChannelHandler[]> protocol;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private @Nullable EventLoopGroup loop;
    private @Nullable Channel listener;
    private @Nullable SslContext tls;

    /** Without a message yet, the oldest first. Of the event loop. */
    private final Newcomers<Channel> newcomers = new Newcomers<>();

    private TcpSource(
            TcpOptions options,
            SourceGuard guard,
            LongSupplier nanoTime,
            TcpMetrics metrics,
            Supplier<ChannelHandler[]> protocol) {
        this.guard = guard;
        this.nanoTime = nanoTime;
        this.options = options;
        this.metrics = metrics;
        this.protocol = protocol;
    }

    /** Takes messages behind a 4-byte big-endian length: by default a {@code tributary.v1.Frame}. */
    public static TcpSource frames(
            TcpOptions options,
            Supplier<FrameReader> readers,
            ArrivalStamps arrivals,
            Intake intake,
            SourceGuard guard,
            LongSupplier nanoTime,
            TcpMetrics metrics) {
        return new TcpSource(options, guard, nanoTime, metrics, () -> new ChannelHandler[] {
            new FrameSplitter(options.messageBytesMax()),
            new FrameHandler(options, readers.get(), arrivals, intake, metrics)
        });
    }

    /** Takes lines: by default of InfluxDB line protocol. */
    public static TcpSource lines(
            TcpOptions options,
            Supplier<LineReader> readers,
            ArrivalStamps arrivals,
            Intake intake,
            SourceGuard guard,
            LongSupplier nanoTime,
            TcpMetrics metrics) {
        return new TcpSource(options, guard, nanoTime, metrics, () ->
                new ChannelHandler[] {new LineHandler(options, readers.get(), arrivals, intake, metrics)});
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public void start() throws IOException {
        if (options.tls() != null) {
            try {
                tls = ServerTls.of(options.tls(), nanoTime).context();
            } catch (IOException e) {
                throw new IOException("source " + options.name() + ": " + e.getMessage(), e);
            }
        }
        loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("source-" + options.name(), true), NioIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 128)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // A device may say that it is through and still wait for the last answer.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(16 << 10, 64 << 10))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accepted(channel);
                    }
                });
        InetSocketAddress address = options.listen().address();
        if (address.isUnresolved()) {
            close();
            throw new IOException("source " + options.name() + ": host of " + options.listen() + " is not known");
        }
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    "source " + options.name() + " cannot listen on " + options.listen() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
    }

    private void accepted(SocketChannel channel) {
        if (connections.size() >= options.connectionsMax() && !makeRoom()) {
            metrics.refusedConnections.labelValues(options.name()).inc();
            channel.close();
            return;
        }
        connections.add(channel);
        newcomers.add(channel);
        metrics.connections.labelValues(options.name()).inc();
        channel.closeFuture().addListener(closed -> {
            newcomers.remove(channel);
            metrics.connections.labelValues(options.name()).dec();
        });
        SslContext secured = tls;
        if (secured != null) {
            channel.pipeline().addLast(handshake(secured, channel));
        }
        channel.pipeline().addLast(new IdleStateHandler(options.idleTimeout().toMillis(), 0, 0, TimeUnit.MILLISECONDS));
        channel.pipeline().addLast(protocol.get());
        channel.pipeline().addLast(new Faults());
    }

    private boolean makeRoom() {
        Channel oldest = newcomers.giveWay();
        if (oldest == null) {
            return false;
        }
        metrics.evictedConnections.labelValues(options.name()).inc();
        connections.remove(oldest);
        oldest.close();
        return true;
    }

    private SslHandler handshake(SslContext secured, SocketChannel channel) {
        SslHandler handler = secured.newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(options.handshakeTimeout().toMillis());
        String address = channel.remoteAddress().getAddress().getHostAddress();
        handler.handshakeFuture().addListener(done -> {
            if (done.cause() != null) {
                metrics.failedHandshakes.labelValues(options.name()).inc();
                guard.refused(
                        options.name(), "address " + address, "handshake: " + TlsRules.refusal(done.cause(), false));
            }
        });
        return handler;
    }

    /** The peer has said all it wanted: closed its half of the connection, or ended TLS. */
    static boolean isEndOfInput(Object event) {
        return event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent;
    }

    @Override
    public String endpoint() {
        if (listener == null || !(listener.localAddress() instanceof InetSocketAddress address)) {
            return options.listen().toString();
        }
        return options.listen().withPort(address.getPort()).toString();
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.close().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
            listener = null;
        }
        connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Stop.INSTANCE));
        connections.newCloseFuture().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
        connections.close().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
        if (loop != null) {
            loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
            loop = null;
        }
    }

    /** Asks a connection to read nothing more, answer what it has taken, and close. */
    enum Stop {
        INSTANCE
    }

    /** A handler tells once that its connection has brought a message. */
    enum Brought {
        INSTANCE
    }

    /** A broken connection is an everyday event, and so is one that does not speak TLS; a fault of ours is not. */
    private final class Faults extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == Brought.INSTANCE) {
                newcomers.remove(context.channel());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            boolean broken = cause instanceof IOException
                    || (cause instanceof DecoderException && cause.getCause() instanceof IOException);
            if (broken) {
                LOG.debug(
                        "source {}: connection of {} broke",
                        options.name(),
                        context.channel().remoteAddress(),
                        cause);
            } else {
                LOG.error(
                        "source {}: connection of {} closed by a fault",
                        options.name(),
                        context.channel().remoteAddress(),
                        cause);
            }
            context.close();
        }
    }
}
