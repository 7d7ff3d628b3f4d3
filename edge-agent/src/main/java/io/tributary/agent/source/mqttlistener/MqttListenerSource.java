package io.tributary.agent.source.mqttlistener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceGuard;
import io.tributary.listen.ServerTls;
import io.tributary.tls.TlsFiles;
import io.tributary.tls.TlsRules;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The listener: lets connections in up to its limits, each with its handlers, and looks after them once a second. One thread. */
public final class MqttListenerSource implements Source, CommandSink {
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final MqttListenerOptions options;
    private final MessageReader reader;
    private final Intake intake;
    private final SourceGuard guard;
    private final Clock clock;
    private final MqttListenerMetrics metrics;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private @Nullable EventLoopGroup group;
    private @Nullable Channel listener;
    private @Nullable Authenticator authenticator;
    private @Nullable SslContext tls;
    private @Nullable ListenerContext shared;

    // Of the event loop.
    private final Set<Connection> connections = new LinkedHashSet<>();

    public MqttListenerSource(
            MqttListenerOptions options,
            MessageReader reader,
            Intake intake,
            SourceGuard guard,
            Clock clock,
            MqttListenerMetrics metrics) {
        this.guard = guard;
        this.options = options;
        this.reader = reader;
        this.intake = intake;
        this.clock = clock;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public void start() throws IOException {
        InetSocketAddress address = options.listen().address();
        if (address.isUnresolved()) {
            throw new IOException("source " + options.name() + ": host of " + options.listen() + " is not known");
        }
        Path passwords = options.passwords();
        Authenticator asks =
                passwords == null ? Authenticator.NOBODY_IS_ASKED : PasswordFile.read(passwords, options.name());
        authenticator = asks;
        tls = options.tls() == null ? null : tls(options.tls());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("source-" + options.name(), true), NioIoHandler.newFactory());
        group = loops;
        EventLoop loop = loops.next();
        MessageFeeds feeds =
                new MessageFeeds(options.name(), options.durability(), intake, loop, options.pendingBytesMax());
        DeliveryLimits deliveries = new DeliveryLimits(options.commandsMax(), options.commandBytesMax());
        shared = new ListenerContext(
                options,
                metrics,
                new MessageCounts(metrics, options.name()),
                asks,
                reader,
                new ArrivalStamps(clock),
                feeds,
                new Sessions(options.sessionsMax(), deliveries),
                deliveries,
                new Admission(options, clock.monotonicNs()),
                guard,
                clock);
        var bound = bootstrap(loops).bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    "source " + options.name() + " cannot listen on " + options.listen() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
        var unused = loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    private ServerBootstrap bootstrap(EventLoopGroup loops) {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(16 << 10, 64 << 10))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accepted(channel);
                    }
                });
    }

    private SslContext tls(TlsFiles files) throws IOException {
        try {
            return ServerTls.of(files, clock::monotonicNs).context();
        } catch (IOException e) {
            throw new IOException("source " + options.name() + ": " + e.getMessage(), e);
        }
    }

    // ---- on the event loop ----

    private void accepted(SocketChannel channel) {
        ListenerContext context = shared;
        if (context == null) {
            channel.close();
            return;
        }
        PacketGuard guard = new PacketGuard(options.packetBytesMax(), options.topicBytesMax());
        Connection connection = new Connection(context, guard);
        String refused = context.admission().enter(connection, clock.monotonicNs());
        if (refused != null) {
            metrics.refusedConnections.labelValues(options.name(), refused).inc();
            channel.close();
            return;
        }
        channels.add(channel);
        metrics.connections.labelValues(options.name()).inc();
        connections.add(connection);
        channel.closeFuture().addListener(closed -> {
            connections.remove(connection);
            context.admission().left(connection);
            metrics.connections.labelValues(options.name()).dec();
        });
        SslContext secured = tls;
        if (secured != null) {
            SslHandler handler = secured.newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(options.connectTimeout().toMillis());
            handler.handshakeFuture().addListener(done -> {
                if (done.cause() != null) {
                    metrics.refusedConnections
                            .labelValues(options.name(), "handshake")
                            .inc();
                    this.guard.refused(
                            options.name(),
                            "address " + channel.remoteAddress().getAddress().getHostAddress(),
                            "handshake: " + TlsRules.refusal(done.cause(), false));
                }
            });
            channel.pipeline().addLast(handler);
        }
        addHandlers(channel.pipeline(), options, metrics, guard, connection);
    }

    /** From bytes to the connection; also for tests without a socket. */
    static void addHandlers(
            ChannelPipeline pipeline,
            MqttListenerOptions options,
            MqttListenerMetrics metrics,
            PacketGuard guard,
            Connection connection) {
        pipeline.addLast(new ByteCount(metrics.bytes.labelValues(options.name())));
        pipeline.addLast(guard);
        pipeline.addLast(new MqttDecoder(options.packetBytesMax(), PacketRules.CLIENT_ID_BYTES_MAX));
        pipeline.addLast(MqttEncoder.INSTANCE);
        pipeline.addLast(connection);
    }

    private void tick() {
        ListenerContext context = shared;
        if (context == null) {
            return;
        }
        long now = clock.monotonicNs();
        for (Connection each : Set.copyOf(connections)) {
            each.tick(now);
        }
        context.sessions().expire(now);
        metrics.sessions.labelValues(options.name()).set(context.sessions().size());
        metrics.evictedSessions
                .labelValues(options.name())
                .inc(context.sessions().evicted());
        metrics.unacknowledged
                .labelValues(options.name())
                .set(context.deliveries().messages());
        metrics.unacknowledgedBytes
                .labelValues(options.name())
                .set(context.deliveries().bytes());
        metrics.pendingBytes.labelValues(options.name()).set(context.feeds().bytes());
    }

    /** Does now what is done once a second, and waits for it: for tests with a clock of their own. */
    void tickNow() {
        EventLoopGroup loops = group;
        if (loops != null) {
            loops.next().submit(this::tick).syncUninterruptibly();
        }
    }

    // ---- from outside ----

    @Override
    public boolean takes(DeviceCommand command) {
        return command instanceof DeviceCommand.Publish;
    }

    @Override
    public CompletionStage<Boolean> reaches(DeviceCommand command) {
        return onLoop(
                command,
                (connection, publish) ->
                        CompletableFuture.completedFuture(connection != null && connection.reaches(publish)));
    }

    /**
     * On {@code tributary/commands/{client}/{topic}}, QoS 1 when the client subscribed so: then it is sent again, with DUP,
     * when the client comes back to its session without having acknowledged it.
     */
    @Override
    public CompletionStage<DeviceOutcome> carryOut(DeviceCommand command, String id, long deadlineNs) {
        return onLoop(
                command,
                (connection, publish) -> connection == null ? notSent() : connection.command(publish, id, deadlineNs));
    }

    private static CompletableFuture<DeviceOutcome> notSent() {
        return CompletableFuture.completedFuture(
                new DeviceOutcome(DeviceOutcome.Kind.NOT_SENT, "the device is not connected"));
    }

    private interface OnLoop<T> {
        CompletableFuture<T> ask(@Nullable Connection connection, DeviceCommand.Publish command);
    }

    private <T> CompletionStage<T> onLoop(DeviceCommand command, OnLoop<T> question) {
        DeviceCommand.Publish publish = (DeviceCommand.Publish) command;
        ListenerContext context = shared;
        EventLoopGroup loops = group;
        if (context == null || loops == null) {
            return question.ask(null, publish);
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            loops.next().execute(() -> {
                Session session = context.sessions().of(publish.device());
                Connection connection = session == null ? null : session.connection();
                var unused = question.ask(connection, publish).whenComplete((value, fault) -> {
                    if (fault == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(fault);
                    }
                });
            });
        } catch (RejectedExecutionException e) {
            return question.ask(null, publish); // closed meanwhile
        }
        return answer;
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
        EventLoopGroup loops = group;
        group = null;
        if (loops != null) {
            loops.next().execute(() -> Set.copyOf(connections).forEach(Connection::stop));
            channels.newCloseFuture().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
            channels.close().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
            ListenerContext context = shared;
            if (context != null) {
                loops.next().execute(() -> context.sessions().drop());
            }
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        }
        if (authenticator != null) {
            authenticator.close();
        }
    }
}
