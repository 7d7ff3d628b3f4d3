package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ConnectRequest request;
    private @Nullable Session session;
    private @Nullable Publishing publishing;
    private @Nullable Commanding commanding;
    /** What came behind a CONNECT whose password is being checked; null at other times. */
    private @Nullable Deque<Object> held;

    private boolean packetSeen;
    private boolean paused;
    private boolean stopping;
    private boolean goodbye;
    private boolean flushing;
    private boolean halfOpen = true;
    private boolean waitingForRoom;

    Connection(ListenerContext shared, PacketGuard guard) {
        this.shared = shared;
        this.guard = guard;
        this.sinceNs = shared.clock().monotonicNs();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
    }

    private ChannelHandlerContext channel() {
        return Objects.requireNonNull(channel);
    }

    boolean isVersion5() {
        ConnectRequest wanted = request;
        return wanted != null && wanted.version5();
    }

    // ---- packets ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (state == State.CHECKING && held != null) {
            held.add(message);
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
            connect(connect);
            return;
        }
        Publishing messages = Objects.requireNonNull(publishing);
        switch (packet.fixedHeader().messageType()) {
            case PUBLISH -> messages.publish((MqttPublishMessage) packet);
            case PUBREL -> messages.release(id(packet));
            case PUBACK -> Objects.requireNonNull(commanding).confirmed(id(packet), reason(packet));
            case PUBREC -> reply(MqttMessageType.PUBREL, id(packet), Violation.PACKET_ID_NOT_FOUND);
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
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

    private void connect(MqttConnectMessage connect) throws Violation {
        ConnectRequest wanted = ConnectRequest.of(connect, shared.options());
        request = wanted;
        if (shared.feeds().isFull()) {
            throw new Violation(Violation.SERVER_BUSY, "too many messages wait for their sync");
        }
        state = State.CHECKING;
        shared.authenticator().check(wanted.user(), wanted.password(), verdict -> {
            if (channel().executor().inEventLoop()) {
                decided(wanted, verdict);
            } else {
                channel().executor().execute(() -> decided(wanted, verdict));
            }
        });
        if (state == State.CHECKING) {
            held = new ArrayDeque<>();
            update();
        }
    }

    private void decided(ConnectRequest wanted, Authenticator.Verdict verdict) {
        if (state != State.CHECKING) {
            return; // gone meanwhile
        }
        switch (verdict) {
            case ACCEPTED -> accepted(wanted);
            case REFUSED -> {
                shared.guard()
                        .refused(
                                shared.name(),
                                wanted.user() == null ? "nobody" : "user " + wanted.user(),
                                "wrong-credentials from " + channel().channel().remoteAddress());
                violated(new Violation(Violation.BAD_CREDENTIALS, "user name or password is wrong"));
            }
            case BUSY -> violated(new Violation(Violation.SERVER_BUSY, "too many clients connect"));
        }
        Deque<Object> waiting = held;
        held = null;
        if (waiting != null) {
            waiting.forEach(message -> channelRead(channel(), message));
            channelReadComplete(channel());
        }
        update();
    }

    private void accepted(ConnectRequest wanted) {
        long now = shared.clock().monotonicNs();
        Session known = shared.sessions().of(wanted.client());
        boolean present = known != null && !wanted.cleanStart() && !known.isExpired(now);
        Connection other = known == null ? null : known.connection();
        Session own = present && known != null ? known : shared.sessions().begin(wanted.client());
        session = own;
        own.attach(this, wanted.expiryNs());
        if (other != null) {
            shared.metrics().takeovers.labelValues(shared.name()).inc();
            other.violated(new Violation(Violation.TAKEN_OVER, "the client connected again"));
        }
        publishing = new Publishing(shared, this, own, wanted.version5());
        commanding = new Commanding(own, wanted);
        state = State.OPEN;
        decidedOn();
        sinceNs = now;
        if (wanted.will()) {
            shared.metrics().willsIgnored.labelValues(shared.name()).inc();
            LOG.debug("{}: the will of client {} is ignored", shared.name(), wanted.client());
        }
        write(Replies.connAck(
                0, present, wanted.version5() ? wanted.answer(shared.options()) : MqttProperties.NO_PROPERTIES));
    }

    private void decidedOn() {
        if (halfOpen) {
            halfOpen = false;
            shared.admission().decided(this);
        }
    }

    // ---- the agent's own topics ----

    private void subscribe(MqttSubscribeMessage subscribe) throws Violation {
        Session own = Objects.requireNonNull(session);
        int identifier = Replies.number(
                subscribe.idAndPropertiesVariableHeader().properties(), MqttProperties.SUBSCRIPTION_IDENTIFIER, 0);
        List<Integer> codes = new ArrayList<>();
        for (var each : subscribe.payload().topicSubscriptions()) {
            String filter = each.topicFilter();
            if (each.option().isNoLocal() && CommandTopics.isShared(filter)) {
                throw Violation.protocol("a shared subscription without what is local");
            }
            int code = own.subscriptions().add(filter, each.qualityOfService().value(), identifier);
            if (code >= Violation.UNSPECIFIED) {
                shared.metrics().refusedSubscriptions.labelValues(shared.name()).inc();
                LOG.debug("{}: client {} may not subscribe to {}", shared.name(), own.client(), filter);
            }
            codes.add(isVersion5() ? code : Math.min(code, Violation.UNSPECIFIED));
        }
        write(Replies.subAck(subscribe.variableHeader().messageId(), codes));
    }

    private void unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        List<Short> codes = new ArrayList<>();
        for (String filter : unsubscribe.payload().topics()) {
            boolean was = Objects.requireNonNull(session).subscriptions().remove(filter);
            codes.add((short) (was ? 0 : 0x11));
        }
        write(Replies.unsubAck(unsubscribe.variableHeader().messageId(), codes));
    }

    /** Whether the client is there, asked for it and takes packets at this moment. */
    boolean reaches(DeviceCommand.Publish command) {
        Commanding to = commanding;
        return to != null && state == State.OPEN && channel().channel().isWritable() && to.takes(command);
    }

    CompletableFuture<DeviceOutcome> command(DeviceCommand.Publish command) {
        Commanding to = commanding;
        if (to == null || !reaches(command)) {
            return CompletableFuture.completedFuture(
                    new DeviceOutcome(DeviceOutcome.Kind.NOT_SENT, "the device is not there any more"));
        }
        shared.metrics().commands.labelValues(shared.name()).inc();
        return to.send(command, this::write);
    }

    // ---- answers ----

    /**
     * PUBACK, PUBREC, PUBREL or PUBCOMP: without a reason string, as the dead letter has the reason and not every client
     * can read one here (that of Paho's interoperability tests cannot).
     */
    void reply(MqttMessageType type, int id, int reason) {
        write(Replies.reply(type, id, reason));
    }

    /** Flushed once for all that is written before the event loop comes round. */
    private void write(Object message) {
        if (state == State.ENDING) {
            ReferenceCountUtil.release(message);
            return;
        }
        var unused = channel().write(message);
        if (!flushing) {
            flushing = true;
            channel().executor().execute(() -> {
                flushing = false;
                channel().flush();
            });
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
        ConnectRequest wanted = request;
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

    /** Closes it at once for one more: it has not been let in yet. */
    void giveWay() {
        shared.metrics()
                .refusedConnections
                .labelValues(shared.name(), "evicted")
                .inc();
        state = State.ENDING;
        sinceNs = shared.clock().monotonicNs();
        decidedOn();
        // From the front: TLS would say goodbye first, and the place is needed now.
        channel().pipeline().firstContext().close();
    }

    // ---- the end ----

    private void disconnected(MqttMessage disconnect) throws Violation {
        Session own = Objects.requireNonNull(session);
        if (disconnect.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            long none = -1;
            var expiry = header.properties().getProperty(MqttProperties.SESSION_EXPIRY_INTERVAL);
            long seconds = expiry == null ? none : (Integer) expiry.value() & 0xffff_ffffL;
            if (seconds > 0 && Objects.requireNonNull(request).wantedExpirySeconds() == 0) {
                throw Violation.protocol("a session expiry of " + seconds + " s, 0 in CONNECT");
            }
            if (seconds != none) {
                long most = shared.options().sessionExpiryMax().toSeconds();
                own.expiry(TimeUnit.SECONDS.toNanos(Math.min(seconds, most)));
            }
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
        Object last = open ? isVersion5() ? disconnect(violation) : null : refusal(violation);
        if (last == null) {
            channel().flush();
            channel().close();
        } else {
            channel().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private MqttMessage disconnect(Violation violation) {
        ConnectRequest wanted = request;
        boolean explain = wanted != null && wanted.takesTexts();
        return Replies.disconnect(violation.reason(), Replies.reason(explain ? violation.detail() : ""));
    }

    private @Nullable ByteBuf refusal(Violation violation) {
        boolean version5 = isVersion5() || guard.level() == PacketRules.V5;
        return guard.level() == 0 && violation.reason() != Violation.UNSUPPORTED_VERSION
                ? null // no client of ours: it hears nothing
                : Replies.refusal(channel().alloc(), version5, violation.reason(), violation.detail());
    }

    /** Reads nothing more, answers what is on its way, and ends. */
    void stop() {
        stopping = true;
        update();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.ENDING;
        decidedOn();
        Deque<Object> waiting = held;
        held = null;
        if (waiting != null) {
            waiting.forEach(ReferenceCountUtil::release);
        }
        Session own = session;
        if (own != null && own.connection() == this) {
            shared.sessions().ended(own, shared.clock().monotonicNs());
        }
        if (commanding != null) {
            commanding.ended();
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
