package io.tributary.agent.source.mqttlistener;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.io.IOException;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client, from its CONNECT to its end.
 *
 * <pre>
 * CONNECTING --CONNECT--> CHECKING --accepted--> OPEN --DISCONNECT, violation, taken over, stop--> ENDING
 * </pre>
 *
 * Of the event loop.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long ENDING_NS = TimeUnit.SECONDS.toNanos(5);

    private enum State {
        CONNECTING,
        CHECKING,
        OPEN,
        ENDING
    }

    private final ListenerContext shared;
    private final PacketGuard guard;
    private State state = State.CONNECTING;
    private long sinceNs;
    private final Entry entry;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable Outbound out;
    private @Nullable Session session;
    private @Nullable Publishing publishing;
    private @Nullable Commanding commanding;

    private boolean packetSeen;
    private boolean paused;
    private boolean stopping;
    private boolean goodbye;
    private boolean waitingForRoom;

    Connection(ListenerContext shared, PacketGuard guard) {
        this.shared = shared;
        this.guard = guard;
        this.entry = new Entry(shared, this);
        this.sinceNs = shared.clock().monotonicNs();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
        out = new Outbound(context);
    }

    private ChannelHandlerContext channel() {
        return Objects.requireNonNull(channel);
    }

    boolean isVersion5() {
        return entry.isVersion5();
    }

    // ---- packets ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (state == State.CHECKING && entry.hold(message)) {
            return;
        }
        try {
            if (state != State.ENDING && !stopping) {
                handle(message);
            }
        } catch (Violation violation) {
            violated(violation);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void handle(Object message) throws Violation {
        if (message == PacketGuard.PACKET_END) {
            if (!packetSeen) {
                throw Violation.malformed("a packet that is shorter than its content");
            }
            packetSeen = false;
            if (state == State.OPEN) {
                sinceNs = shared.clock().monotonicNs();
            }
        } else if (message instanceof Violation violation) {
            throw violation;
        } else if (message instanceof MqttMessage packet) {
            packetSeen = true;
            if (packet.decoderResult().isFailure()) {
                throw Violation.malformed(
                        String.valueOf(packet.decoderResult().cause().getMessage()));
            }
            packet(packet);
        }
    }

    private void packet(MqttMessage packet) throws Violation {
        if (packet instanceof MqttConnectMessage connect) {
            shared.admission().spoke(this);
            entry.connect(connect, channel());
            return;
        }
        Publishing messages = Objects.requireNonNull(publishing);
        Commanding commands = Objects.requireNonNull(commanding);
        switch (packet.fixedHeader().messageType()) {
            case PUBLISH -> messages.publish((MqttPublishMessage) packet);
            case PUBREL -> messages.release(id(packet));
            case PUBACK -> commands.confirmed(id(packet), reason(packet));
            case PUBREC -> reply(MqttMessageType.PUBREL, id(packet), Violation.PACKET_ID_NOT_FOUND);
            case SUBSCRIBE -> commands.subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> commands.unsubscribe((MqttUnsubscribeMessage) packet);
            case PINGREQ -> write(MqttMessage.PINGRESP);
            case DISCONNECT -> disconnected(packet);
            default -> LOG.trace("{}: {} for nothing that was sent", shared.name(), packet.fixedHeader());
        }
    }

    private static int id(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    private static int reason(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader header
                ? header.reasonCode() & 0xff
                : 0;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Publishing messages = publishing;
        if (messages != null) {
            messages.submit();
            update();
        }
    }

    // ---- being let in ----

    void checking() {
        state = State.CHECKING;
    }

    boolean isChecking() {
        return state == State.CHECKING;
    }

    /** The verdict over its password has come. */
    void decided(ConnectRequest wanted, Authenticator.Verdict verdict) {
        if (state != State.CHECKING) {
            return; // gone meanwhile
        }
        Violation refusal = entry.refusal(wanted, verdict, channel().channel().remoteAddress());
        if (refusal != null) {
            violated(refusal);
        } else {
            accepted(wanted);
        }
        Deque<Object> waiting = entry.letGo();
        if (!waiting.isEmpty()) {
            waiting.forEach(message -> channelRead(channel(), message));
            channelReadComplete(channel());
        }
        update();
    }

    private void accepted(ConnectRequest wanted) {
        Outbound to = Objects.requireNonNull(out);
        Session own = entry.begin(wanted, to);
        session = own;
        publishing = new Publishing(shared, this, own, wanted.version5());
        commanding = new Commanding(shared, own, wanted, to);
        state = State.OPEN;
        shared.admission().decided(this);
        sinceNs = shared.clock().monotonicNs();
        commanding.resend();
    }

    /** It has not sent its CONNECT, and there is no place for others. */
    void giveWay() {
        if (state != State.ENDING) {
            state = State.ENDING;
            sinceNs = shared.clock().monotonicNs();
            shared.metrics()
                    .refusedConnections
                    .labelValues(shared.name(), "gave-way")
                    .inc();
            // From the front: TLS would say goodbye first, and the place is needed now.
            channel().pipeline().firstContext().close();
        }
    }

    // ---- commands ----

    /** Whether the client is there, asked for it and takes packets at this moment. */
    boolean reaches(DeviceCommand.Publish command) {
        Commanding to = commanding;
        return to != null && state == State.OPEN && to.takes(command);
    }

    CompletableFuture<DeviceOutcome> command(DeviceCommand.Publish command, String id, long deadlineNs) {
        Commanding to = commanding;
        return to == null || !reaches(command)
                ? CompletableFuture.completedFuture(
                        new DeviceOutcome(DeviceOutcome.Kind.NOT_SENT, "the device is not there any more"))
                : to.send(command, id, deadlineNs);
    }

    // ---- answers ----

    /** PUBACK, PUBREC, PUBREL or PUBCOMP. */
    void reply(MqttMessageType type, int id, int reason) {
        write(Replies.reply(type, id, reason));
    }

    private void write(MqttMessage message) {
        if (state != State.ENDING) {
            Objects.requireNonNull(out).write(message);
        }
    }

    // ---- pace ----

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        update();
    }

    /** Stops or resumes reading, and ends a connection that is to stop once all its messages are settled. */
    void update() {
        if (state == State.ENDING) {
            return;
        }
        Publishing messages = publishing;
        boolean full = messages != null && messages.isFull(paused);
        // One that is not writable sends, but does not read its answers.
        boolean pause = stopping
                || state == State.CHECKING
                || full
                || !channel().channel().isWritable();
        if (pause != paused) {
            paused = pause;
            sinceNs = shared.clock().monotonicNs();
            channel().channel().config().setAutoRead(!pause);
            if (full) {
                shared.metrics().paused.labelValues(shared.name()).inc();
            }
        }
        if (full && shared.feeds().isFull() && !waitingForRoom) {
            waitingForRoom = true;
            shared.feeds().whenRoom(() -> {
                waitingForRoom = false;
                update();
            });
        }
        if (stopping && (messages == null || messages.isSettled())) {
            violated(new Violation(Violation.SHUTTING_DOWN, "the agent is shutting down"));
        }
    }

    /** Once a second. */
    void tick(long nowNs) {
        ConnectRequest wanted = entry.request();
        long silent = nowNs - sinceNs;
        if (state == State.CONNECTING || state == State.CHECKING) {
            if (silent > shared.options().connectTimeout().toNanos()) {
                shared.metrics()
                        .refusedConnections
                        .labelValues(shared.name(), "half-open")
                        .inc();
                state = State.ENDING;
                channel().close();
            }
        } else if (state == State.ENDING) {
            if (silent > ENDING_NS) {
                channel().close();
            }
        } else if (!paused && wanted != null && silent > wanted.silenceNs()) {
            violated(new Violation(
                    Violation.KEEP_ALIVE_TIMEOUT,
                    "no packet for " + TimeUnit.NANOSECONDS.toSeconds(silent) + " s, keep-alive is "
                            + wanted.keepAliveSeconds() + " s"));
        }
    }

    // ---- the end ----

    private void disconnected(MqttMessage disconnect) throws Violation {
        Session own = Objects.requireNonNull(session);
        long expiry = Objects.requireNonNull(entry.request()).expiryNs(disconnect, shared.options());
        if (expiry >= 0) {
            own.expiry(expiry);
        }
        goodbye = true;
        state = State.ENDING;
        sinceNs = shared.clock().monotonicNs();
        channel().close();
    }

    /** Tells the client why, as far as its protocol has words for it, and closes. */
    void violated(Violation violation) {
        if (state == State.ENDING) {
            return;
        }
        boolean open = state == State.OPEN;
        state = State.ENDING;
        sinceNs = shared.clock().monotonicNs();
        LOG.debug("{}: {} closed: {}", shared.name(), channel().channel().remoteAddress(), violation.detail());
        String reason = Violation.name(violation.reason());
        if (open) {
            shared.metrics().closed.labelValues(shared.name(), reason).inc();
        } else {
            shared.metrics()
                    .refusedConnections
                    .labelValues(shared.name(), reason)
                    .inc();
        }
        ConnectRequest wanted = entry.request();
        Object last = open
                ? Farewell.of(violation, wanted)
                : Farewell.refusal(violation, wanted, guard.level(), channel().alloc());
        if (last == null) {
            channel().flush();
            channel().close();
        } else {
            channel().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Reads nothing more, answers what is on its way, and ends. */
    void stop() {
        stopping = true;
        update();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.ENDING;
        shared.admission().left(this);
        entry.letGo().forEach(ReferenceCountUtil::release);
        Session own = session;
        if (own != null && own.connection() == this) {
            shared.sessions().ended(own, shared.clock().monotonicNs());
        }
        if (publishing != null && !goodbye) {
            publishing.abandon();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof io.netty.handler.codec.DecoderException) {
            LOG.debug(
                    "{}: connection of {} broke",
                    shared.name(),
                    context.channel().remoteAddress(),
                    cause);
        } else {
            LOG.error(
                    "{}: connection of {} closed by a fault",
                    shared.name(),
                    context.channel().remoteAddress(),
                    cause);
        }
        context.close();
    }
}
