package io.tributary.agent.source.mqttlistener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a client gets in: its CONNECT, the verdict over its password, its session, the CONNACK.
 *
 * <p>What it sends behind its CONNECT is held until the verdict. Of the event loop.
 */
final class Entry {
    private static final Logger LOG = LoggerFactory.getLogger(Entry.class);

    private final ListenerContext shared;
    private final Connection connection;
    private @Nullable ConnectRequest request;
    /** What came behind a CONNECT whose password is being checked. */
    private @Nullable Deque<Object> held;

    Entry(ListenerContext shared, Connection connection) {
        this.shared = shared;
        this.connection = connection;
    }

    @Nullable
    ConnectRequest request() {
        return request;
    }

    boolean isVersion5() {
        ConnectRequest wanted = request;
        return wanted != null && wanted.version5();
    }

    /** Asks for a verdict, which {@link Connection#decided} gets, perhaps at once. */
    void connect(MqttConnectMessage connect, ChannelHandlerContext channel) throws Violation {
        ConnectRequest wanted = ConnectRequest.of(connect, shared.options());
        request = wanted;
        if (shared.feeds().isFull()) {
            throw new Violation(Violation.SERVER_BUSY, "too many messages wait for their sync");
        }
        connection.checking();
        shared.authenticator().check(wanted.user(), wanted.password(), verdict -> {
            if (channel.executor().inEventLoop()) {
                connection.decided(wanted, verdict);
            } else {
                channel.executor().execute(() -> connection.decided(wanted, verdict));
            }
        });
        if (connection.isChecking()) {
            held = new ArrayDeque<>();
            connection.update();
        }
    }

    /** @return false when nothing is being waited for */
    boolean hold(Object message) {
        Deque<Object> waiting = held;
        if (waiting != null) {
            waiting.add(message);
        }
        return waiting != null;
    }

    /** What was held, to be handled or released; nothing more will be. */
    Deque<Object> letGo() {
        Deque<Object> waiting = held;
        held = null;
        return waiting == null ? new ArrayDeque<>() : waiting;
    }

    /** Why it is not let in; null when it is. */
    @Nullable
    Violation refusal(ConnectRequest wanted, Authenticator.Verdict verdict, Object remote) {
        return switch (verdict) {
            case ACCEPTED -> null;
            case REFUSED -> {
                shared.guard()
                        .refused(
                                shared.name(),
                                wanted.user() == null ? "nobody" : "user " + wanted.user(),
                                "wrong-credentials from " + remote);
                yield new Violation(Violation.BAD_CREDENTIALS, "user name or password is wrong");
            }
            case BUSY -> new Violation(Violation.SERVER_BUSY, "too many clients connect");
        };
    }

    /** Takes up its session or begins one, from whatever connection had it, and says so. */
    Session begin(ConnectRequest wanted, Outbound out) {
        long now = shared.clock().monotonicNs();
        Session known = shared.sessions().of(wanted.client());
        boolean present = known != null && !wanted.cleanStart() && !known.isExpired(now);
        Connection other = known == null ? null : known.connection();
        Session own = present && known != null ? known : shared.sessions().begin(wanted.client());
        own.attach(connection, wanted.expiryNs(), now);
        if (other != null) {
            shared.metrics().takeovers.labelValues(shared.name()).inc();
            other.violated(new Violation(Violation.TAKEN_OVER, "the client connected again"));
        }
        if (wanted.will()) {
            shared.metrics().willsIgnored.labelValues(shared.name()).inc();
            LOG.debug("{}: the will of client {} is ignored", shared.name(), wanted.client());
        }
        out.write(Replies.connAck(
                0, present, wanted.version5() ? wanted.answer(shared.options()) : MqttProperties.NO_PROPERTIES));
        return own;
    }
}
