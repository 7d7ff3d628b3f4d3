package io.tributary.collector.ingest.mqtt;

import io.tributary.collector.ingest.IngestEndpoint;
import io.tributary.collector.security.Peer;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.SessionEnd;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest session of every agent, and which of them a message belongs to.
 *
 * <p>A hello begins a session, always. Any other message of a session that is not known here, but later than the one that
 * is, begins it too, with a hello made from what the message says of itself: the agent has greeted another collector, or
 * this one before it was started anew. A message of an earlier session, one that the broker held back, is dropped, and
 * its session told that there is a later one.
 */
final class AgentCalls {
    private static final Logger LOG = LoggerFactory.getLogger(AgentCalls.class);
    /** Sessions that were ended here and not followed by another; the agents of the oldest may join in again. */
    private static final int ENDED_MAX = 10_000;

    /** Where answers leave. */
    interface Down {
        boolean isReady(MqttCall call);

        /** @return false when there is no connection: the message is lost */
        boolean publish(String agent, byte[] message);
    }

    private record Ended(long epoch, long session) {}

    private final IngestEndpoint endpoint;
    private final String address;
    private final long agentQueueMax;
    private final long waitingMax;
    private final MqttIngestMetrics metrics;
    private final Down down;
    private final AtomicLong waitingBytes = new AtomicLong();

    // Guarded by this.
    private final Map<String, MqttCall> calls = new HashMap<>();
    private final Map<String, Ended> ended = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ended> eldest) {
            return size() > ENDED_MAX;
        }
    };

    /** @param agentQueueMax bytes of one agent that may wait here */
    AgentCalls(
            IngestEndpoint endpoint,
            String address,
            long agentQueueMax,
            long waitingMax,
            MqttIngestMetrics metrics,
            Down down) {
        this.endpoint = endpoint;
        this.address = address;
        this.agentQueueMax = agentQueueMax;
        this.waitingMax = waitingMax;
        this.metrics = metrics;
        this.down = down;
    }

    // ---- from the connections ----

    /**
     * Any thread; does not block.
     *
     * @param agent as the topic names it
     * @param message null when it cannot be read
     * @param done run once, when it is handed on or refused
     */
    void arrived(String agent, @Nullable AgentMessage message, int bytes, Runnable done) {
        metrics.messages.inc();
        metrics.bytes.inc(bytes);
        if (message == null || message.getSession() == 0) {
            refused("unreadable", agent, "not an AgentMessage with a session");
            done.run();
            return;
        }
        if (message.hasHello() && !message.getHello().getAgent().equals(agent)) {
            refused("other-agent", agent, "hello of \"" + message.getHello().getAgent() + "\"");
            endSession(agent, message.getSession(), "the hello names another agent than the topic", 0);
            done.run();
            return;
        }
        if (waitingBytes.get() + bytes > waitingMax) {
            refused("overload", agent, waitingBytes.get() + " bytes of messages wait");
            endSession(agent, message.getSession(), "the collector is overloaded", 0);
            done.run();
            return;
        }
        MqttCall.Item item = new MqttCall.Item(message, bytes, done);
        if (message.hasHello()) {
            begin(agent, message, item);
        } else if (!handOn(agent, message, item)) {
            done.run();
        }
    }

    private void begin(String agent, AgentMessage message, MqttCall.Item hello) {
        MqttCall opened = new MqttCall(this, agent, message.getHello().getEpoch(), message.getSession(), false);
        opened.offer(hello);
        MqttCall before;
        synchronized (this) {
            before = calls.put(agent, opened);
            ended.remove(agent);
        }
        if (before != null && before.epoch() == opened.epoch() && before.session() == opened.session()) {
            before.drop(); // the hello came twice, or after what it should have come before
        }
        metrics.sessions.labelValues("hello").inc();
        opened.bind(endpoint.open(opened, new Peer(address, agent)));
    }

    /** @return false when the message is none's any more */
    private boolean handOn(String agent, AgentMessage message, MqttCall.Item item) {
        MqttCall call;
        long latest = 0;
        boolean joined = false;
        synchronized (this) {
            call = calls.get(agent);
            if (call == null || call.epoch() != message.getEpoch() || call.session() != message.getSession()) {
                latest = laterThan(agent, call, message);
                call = null;
                if (latest == 0 && !message.hasGoodbye()) {
                    joined = true;
                    call = new MqttCall(this, agent, message.getEpoch(), message.getSession(), true);
                    call.offer(new MqttCall.Item(joining(agent, message), 0, () -> {}));
                    calls.put(agent, call);
                    ended.remove(agent);
                }
            }
        }
        if (call == null) {
            if (latest != 0) {
                metrics.refused.labelValues("old-session").inc();
                endSession(agent, message.getSession(), "there is a later session", latest);
            }
            return false;
        }
        call.offer(item);
        if (joined) {
            metrics.sessions.labelValues("joined").inc();
            call.bind(endpoint.open(call, new Peer(address, agent)));
        }
        return true;
    }

    /** Guarded by this. @return the session that is later than the message's; 0: none is */
    private long laterThan(String agent, @Nullable MqttCall before, AgentMessage message) {
        if (before != null && isLater(before.epoch(), before.session(), message)) {
            return before.session();
        }
        Ended over = ended.get(agent);
        return over != null
                        && (isLater(over.epoch, over.session, message)
                                || (over.epoch == message.getEpoch() && over.session == message.getSession()))
                ? over.session
                : 0;
    }

    private static boolean isLater(long epoch, long session, AgentMessage message) {
        return epoch > message.getEpoch() || (epoch == message.getEpoch() && session > message.getSession());
    }

    /** What the agent has said to another collector, as far as it is known here. */
    private static AgentMessage joining(String agent, AgentMessage message) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setAgent(agent)
                        .setEpoch(message.getEpoch())
                        .setNextSequence(message.getNextSequence()))
                .build();
    }

    void refused(String cause, String agent, String detail) {
        metrics.refused.labelValues(cause).inc();
        LOG.debug("message of agent {} refused: {}: {}", agent, cause, detail);
        if (cause.equals("other-agent")) {
            LOG.warn("a message on the topic of agent {} was refused: {}", agent, detail);
        }
    }

    // ---- from the calls ----

    Executor executor() {
        return endpoint.executor();
    }

    long agentQueueMax() {
        return agentQueueMax;
    }

    void waiting(long bytes) {
        waitingBytes.addAndGet(bytes);
    }

    long waitingBytes() {
        return waitingBytes.get();
    }

    boolean isReady(MqttCall call) {
        return down.isReady(call);
    }

    void publish(String agent, CollectorMessage message) {
        (down.publish(agent, message.toByteArray()) ? metrics.answers : metrics.answersDropped).inc();
    }

    /** @param latest 0: not told */
    void endSession(String agent, long session, @Nullable String reason, long latest) {
        publish(
                agent,
                CollectorMessage.newBuilder()
                        .setSession(session)
                        .setSessionEnd(SessionEnd.newBuilder()
                                .setReason(Objects.requireNonNullElse(reason, ""))
                                .setLatestSession(latest))
                        .build());
    }

    /** @param forGood what still comes of this session is refused */
    synchronized void forget(MqttCall call, boolean forGood) {
        if (calls.remove(call.agent(), call) && forGood) {
            ended.put(call.agent(), new Ended(call.epoch(), call.session()));
        }
    }
}
