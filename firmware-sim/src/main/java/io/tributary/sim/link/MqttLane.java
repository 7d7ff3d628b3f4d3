package io.tributary.sim.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.tributary.sim.row.Row;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MQTT client, on an event loop that it shares with thousands: each row a message, settled by PUBACK or PUBREC.
 *
 * <pre>
 * send -> window: [ unsent ... ] -> PUBLISH, at most receive-maximum unanswered -> PUBACK -> settled
 *                       ^ connection lost: all of the window again, in order
 * </pre>
 *
 * Sessions are clean: whatever was not answered is published anew, which at worst stores the same reading once more.
 */
final class MqttLane implements Lane {
    private static final Logger LOG = LoggerFactory.getLogger(MqttLane.class);
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int DOUBLINGS_MAX = 20;
    private static final int PACKET_ID_MOST = 65_535;
    /** MQTT 5, 2.4: from here on reason codes are failures. */
    private static final int FAILURES = 0x80;

    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int SERVER_BUSY = 0x89;
    private static final int IMPLEMENTATION_ERROR = 0x83;

    private final String client;
    private final LinkOptions options;
    private final MqttOptions mqtt;
    private final MessageFormat format;
    private final DeliveryLog log;
    private final LinkCounters counters;
    private final EventLoop loop;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final long firstAfterNanos;

    // Guarded by this.
    private final Deque<Item> window = new ArrayDeque<>();
    private boolean started;
    private boolean closed;
    private @Nullable IOException failure;

    // Of the event loop.
    private @Nullable Channel channel;
    private MessageFormat.@Nullable Session session;
    private final Map<Integer, Item> unanswered = new HashMap<>();
    private int packetId;
    private int receiveMaximum = PACKET_ID_MOST;
    private int attempts;
    private long progressNanos;
    private boolean told;

    private static final class Item {
        final long id;
        final Row row;
        /** 0: not on its way at this connection. */
        int packetId;

        boolean everSent;
        boolean settled;

        Item(long id, Row row) {
            this.id = id;
            this.row = row;
        }
    }

    /** @param firstAfterNanos before the first attempt to connect */
    MqttLane(
            String client,
            long firstAfterNanos,
            LinkOptions options,
            MqttOptions mqtt,
            MessageFormat format,
            DeliveryLog log,
            LinkCounters counters,
            EventLoop loop,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.client = client;
        this.firstAfterNanos = firstAfterNanos;
        this.options = options;
        this.mqtt = mqtt;
        this.format = format;
        this.log = log;
        this.counters = counters;
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    @Override
    public synchronized void start() {
        if (!started && !closed) {
            started = true;
            var unused = loop.schedule(
                    () -> {
                        progressNanos = nanoTime.getAsLong();
                        connect();
                    },
                    firstAfterNanos,
                    TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void send(long id, List<Row> rows) throws IOException, InterruptedException {
        if (rows.size() != 1) {
            throw new IllegalArgumentException("BUG: a message of " + rows.size() + " rows");
        }
        Item item = new Item(id, rows.get(0));
        synchronized (this) {
            while (window.size() >= options.windowDeliveries() && !isOver()) {
                wait();
            }
            throwIfOver();
            log.sending(id, rows);
            counters.handedOver.add(item.row.size());
            window.add(item);
        }
        loop.execute(this::pump);
    }

    @Override
    public synchronized boolean drain(Duration atMost) throws IOException, InterruptedException {
        long until = nanoTime.getAsLong() + atMost.toNanos();
        while (!window.isEmpty() && !isOver()) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - nanoTime.getAsLong());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        throwIfOver();
        return true;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        loop.submit(() -> {
                    Channel open = channel;
                    if (open != null) {
                        open.writeAndFlush(MqttMessage.DISCONNECT);
                        open.close();
                    }
                })
                .syncUninterruptibly();
        synchronized (this) {
            for (Item item : window) {
                if (item.everSent) {
                    counters.inDoubt.add(item.row.size());
                } else {
                    counters.unsent.add(item.row.size());
                    log.settled(item.id, 0, 1, DeliveryLog.Result.UNSENT);
                }
            }
            window.clear();
        }
    }

    private synchronized boolean isOver() {
        return closed || failure != null;
    }

    private synchronized void throwIfOver() throws IOException {
        if (failure != null) {
            throw new LinkFailedException(String.valueOf(failure.getMessage()), failure);
        } else if (closed) {
            throw new LinkFailedException("the link is closed", new IOException("closed"));
        }
    }

    private synchronized void fail(IOException cause) {
        failure = failure == null ? cause : failure;
        notifyAll();
    }

    // ---- the event loop ----

    private void connect() {
        if (isOver()) {
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(io.netty.channel.ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(io.netty.channel.ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(MqttEncoder.INSTANCE, new MqttDecoder(), new Answers());
                    }
                })
                .connect(new InetSocketAddress(
                        options.target().host(), options.target().port()));
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                lost(done.cause());
                return;
            }
            Channel open = connecting.channel();
            channel = open;
            var connect = MqttMessageBuilders.connect()
                    .clientId(client)
                    .protocolVersion(mqtt.version() == 5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
                    .cleanSession(true)
                    .keepAlive(KEEP_ALIVE_SECONDS);
            String user = mqtt.user();
            if (user != null) {
                connect.hasUser(true).username(user);
            }
            String password = mqtt.password();
            if (password != null) {
                connect.hasPassword(true).password(password.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            open.writeAndFlush(connect.build());
            open.closeFuture().addListener(closing -> lost(null));
            var unused = loop.scheduleAtFixedRate(
                    () -> tick(open), KEEP_ALIVE_SECONDS / 4, KEEP_ALIVE_SECONDS / 4, TimeUnit.SECONDS);
            open.closeFuture().addListener(closing -> unused.cancel(false));
        });
    }

    private void tick(Channel open) {
        boolean stalled = !unanswered.isEmpty()
                && nanoTime.getAsLong() - progressNanos
                        > options.progressTimeout().toNanos();
        if (stalled) {
            LOG.warn(
                    "{}: no answer for {} ms", client, options.progressTimeout().toMillis());
            open.close();
        } else if (session != null) {
            open.writeAndFlush(new MqttMessage(
                    new MqttFixedHeader(MqttMessageType.PINGREQ, false, MqttQoS.AT_MOST_ONCE, false, 0)));
        }
    }

    /** Begins anew after a random wait that grows. */
    private void lost(@Nullable Throwable cause) {
        if (isOver()) {
            return;
        }
        channel = null;
        session = null;
        unanswered.clear();
        synchronized (this) {
            window.forEach(item -> item.packetId = 0);
        }
        String why = cause == null ? "closed by the server" : String.valueOf(cause.getMessage());
        if (!told && counters.tells()) {
            told = true;
            LOG.warn("{}: lost {}: {}; connecting again", client, options.target(), why);
        }
        Duration giveUpAfter = options.giveUpAfter();
        if (giveUpAfter != null && nanoTime.getAsLong() - progressNanos > giveUpAfter.toNanos()) {
            fail(new IOException(
                    "no progress at " + options.target() + " for " + giveUpAfter.toMillis() + " ms: " + why));
            return;
        }
        long bound = Math.min(
                options.backoffMax().toNanos(), options.backoffBase().toNanos() << Math.min(DOUBLINGS_MAX, attempts++));
        var unused = loop.schedule(this::connect, random.nextLong(bound + 1), TimeUnit.NANOSECONDS);
    }

    private void connected(MqttConnAckMessage answer, Channel open) {
        MqttConnectReturnCode code = answer.variableHeader().connectReturnCode();
        if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            if (!told && counters.tells()) {
                LOG.warn("{}: refused: {}", client, code);
                told = true;
            }
            open.close();
            return;
        }
        counters.connections.increment();
        told = false;
        receiveMaximum = PACKET_ID_MOST;
        if (answer.variableHeader().properties().getProperty(MqttProperties.MqttPropertyType.RECEIVE_MAXIMUM.value())
                instanceof MqttProperties.IntegerProperty most) {
            receiveMaximum = most.value();
        }
        MessageFormat.Session fresh = format.open(client);
        session = fresh;
        progressNanos = nanoTime.getAsLong();
        for (MessageFormat.Message message : fresh.hello()) {
            publish(open, message, null);
        }
        pump();
    }

    /** Publishes what the server's receive maximum lets. */
    private void pump() {
        Channel open = channel;
        MessageFormat.Session current = session;
        if (open == null || current == null || !open.isActive()) {
            return;
        }
        synchronized (this) {
            if (unanswered.isEmpty()) {
                progressNanos = nanoTime.getAsLong();
            }
            for (Item item : List.copyOf(window)) {
                if (unanswered.size() >= receiveMaximum) {
                    break;
                }
                if (item.packetId == 0 && !item.settled) {
                    if (item.everSent) {
                        counters.resent.add(item.row.size());
                    }
                    item.everSent = true;
                    publish(open, current.message(item.row), item);
                }
            }
        }
        open.flush();
    }

    /** @param item null for what is none: births */
    private void publish(Channel open, MessageFormat.Message message, @Nullable Item item) {
        int qos = item == null ? Math.min(1, mqtt.qos()) : mqtt.qos();
        var publish = MqttMessageBuilders.publish()
                .topicName(message.topic())
                .qos(MqttQoS.valueOf(qos))
                .payload(Unpooled.wrappedBuffer(message.payload()));
        if (qos > 0) {
            do {
                packetId = packetId % PACKET_ID_MOST + 1;
            } while (unanswered.containsKey(packetId));
            publish.messageId(packetId);
            Item waiting = item == null
                    ? new Item(
                            -1,
                            Row.builder(io.tributary.model.Device.of("birth"), 0, 0)
                                    .build())
                    : item;
            waiting.packetId = packetId;
            unanswered.put(packetId, waiting);
        }
        ChannelFuture written = open.write(publish.build());
        if (qos == 0 && item != null) {
            item.packetId = -1;
            // Nobody will ever say what became of it.
            written.addListener(done -> {
                if (done.isSuccess()) {
                    counters.inDoubt.add(item.row.size());
                    leave(item);
                } else {
                    item.packetId = 0;
                }
            });
        }
    }

    private void answered(int id, int reason, boolean released) {
        Item item = released ? unanswered.remove(id) : unanswered.get(id);
        progressNanos = nanoTime.getAsLong();
        attempts = 0;
        if (item == null || item.id < 0 || item.settled) {
            return;
        }
        if (reason == QUOTA_EXCEEDED || reason == SERVER_BUSY || reason == IMPLEMENTATION_ERROR) {
            counters.retryReplies.increment();
            unanswered.remove(id);
            var unused = loop.schedule(
                    () -> {
                        item.packetId = 0;
                        pump();
                    },
                    options.backoffBase().toMillis(),
                    TimeUnit.MILLISECONDS);
            return;
        }
        boolean accepted = reason < FAILURES;
        item.settled = true;
        try {
            log.settled(item.id, 0, 1, accepted ? DeliveryLog.Result.ACCEPTED : DeliveryLog.Result.REJECTED);
        } catch (IOException e) {
            fail(e);
            return;
        }
        if (!accepted && counters.rejected.sum() == 0) {
            LOG.warn(
                    "{}: {} is refused for good, reason 0x{}",
                    client,
                    item.row.device().id(),
                    Integer.toHexString(reason));
        }
        (accepted ? counters.accepted : counters.rejected).add(item.row.size());
        leave(item);
    }

    private synchronized void leave(Item item) {
        if (window.peek() == item) {
            window.remove();
        } else {
            window.remove(item);
        }
        notifyAll();
    }

    private final class Answers extends SimpleChannelInboundHandler<MqttMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            if (message.decoderResult().isFailure()) {
                context.close();
                return;
            }
            switch (message.fixedHeader().messageType()) {
                case CONNACK -> connected((MqttConnAckMessage) message, context.channel());
                case PUBACK -> {
                    answered(id(message), reason(message), true);
                    pump();
                }
                case PUBREC -> received(context, message);
                case PUBCOMP -> {
                    unanswered.remove(id(message));
                    pump();
                }
                case DISCONNECT -> context.close();
                default -> LOG.trace("{}: {}", client, message);
            }
        }

        /** With PUBREC the server has the message: it is its own from here on. */
        private void received(ChannelHandlerContext context, MqttMessage message) {
            int id = id(message);
            boolean failed = reason(message) >= FAILURES;
            answered(id, reason(message), failed);
            if (!failed) {
                context.writeAndFlush(new MqttMessage(
                        new MqttFixedHeader(MqttMessageType.PUBREL, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                        MqttMessageIdVariableHeader.from(id)));
            } else {
                pump();
            }
        }

        private int id(MqttMessage message) {
            return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
        }

        private int reason(MqttMessage message) {
            return message.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply
                    ? reply.reasonCode() & 0xff
                    : 0;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("{}", client, cause);
            context.close();
        }
    }
}
