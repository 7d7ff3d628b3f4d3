package io.tributary.collector.ingest.mqtt;

import io.grpc.Status;
import io.tributary.collector.ingest.AgentCall;
import io.tributary.collector.ingest.AgentPipe;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.SessionEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session of one agent at this collector: a queue for what the connections bring, one message at a time to the
 * session's {@link AgentCall}. A message is acknowledged to the broker when it is handed to the writer or refused.
 */
final class MqttCall implements AgentPipe {
    /** @param done acknowledges it to the broker */
    record Item(AgentMessage message, int bytes, Runnable done) {}

    private final AgentCalls owner;
    private final String agent;
    private final long epoch;
    private final long session;
    private final boolean joined;

    // Guarded by this.
    private final ArrayDeque<Item> queue = new ArrayDeque<>();
    private long queuedBytes;
    private @Nullable Item current;
    private @Nullable AgentCall call;
    private boolean requested;
    private boolean ended;

    /** @param joined it began with another message than the agent's hello */
    MqttCall(AgentCalls owner, String agent, long epoch, long session, boolean joined) {
        this.joined = joined;
        this.owner = owner;
        this.agent = agent;
        this.epoch = epoch;
        this.session = session;
    }

    String agent() {
        return agent;
    }

    long epoch() {
        return epoch;
    }

    long session() {
        return session;
    }

    void bind(AgentCall opened) {
        synchronized (this) {
            call = opened;
            advance();
        }
    }

    /** Any thread. */
    void offer(Item item) {
        boolean overrun = false;
        synchronized (this) {
            if (!ended) {
                queue.add(item);
                queuedBytes += item.bytes;
                owner.waiting(item.bytes);
                overrun = queuedBytes > owner.agentQueueMax();
                if (!overrun) {
                    advance();
                    return;
                }
            }
        }
        if (overrun) {
            owner.refused("agent-queue", agent, "more than " + owner.agentQueueMax() + " bytes wait");
            giveUp("more than " + owner.agentQueueMax() + " bytes of this agent wait to be handed on");
        } else {
            item.done.run();
        }
    }

    /** Guarded by this. */
    private void advance() {
        if (requested && call != null && current == null && !queue.isEmpty()) {
            Item next = queue.remove();
            queuedBytes -= next.bytes;
            current = next;
            requested = false;
            owner.executor().execute(this::deliver);
        }
    }

    private void deliver() {
        Item item;
        AgentCall to;
        synchronized (this) {
            item = current;
            to = call;
        }
        if (item != null && to != null) {
            to.message(item.message);
        }
    }

    @Override
    public void request() {
        Item finished;
        synchronized (this) {
            finished = current;
            current = null;
            requested = true;
            advance();
        }
        if (finished != null) {
            owner.waiting(-finished.bytes);
            finished.done.run();
        }
    }

    @Override
    public boolean isReady() {
        return owner.isReady(this);
    }

    /** The connection takes messages again. */
    void ready() {
        AgentCall to;
        synchronized (this) {
            to = call;
        }
        if (to != null) {
            to.ready();
        }
    }

    @Override
    public void send(CollectorMessage message) {
        owner.publish(agent, message.toBuilder().setSession(session).build());
    }

    @Override
    public void complete() {
        owner.forget(this, true);
        end();
    }

    @Override
    public void fail(Status why) {
        // Silence here does not mean silence of the agent: another collector may get what it says. Its next message
        // that comes here opens the session again.
        boolean quiet = why.getCode() == Status.Code.DEADLINE_EXCEEDED;
        owner.forget(this, !quiet);
        if (!quiet && end()) {
            // Of a session that was joined it is not certain, as messages may overtake each other: a hello will tell.
            boolean wentBack = !joined && why.getCode() == Status.Code.FAILED_PRECONDITION;
            owner.publish(
                    agent,
                    CollectorMessage.newBuilder()
                            .setSession(session)
                            .setSessionEnd(SessionEnd.newBuilder()
                                    .setReason(why.getCode() + ": " + why.getDescription())
                                    .setLatestSession(session)
                                    .setOutboxWentBack(wentBack))
                            .build());
        } else {
            end();
        }
    }

    /** Credit differs between collectors, which do not know of each other's. */
    @Override
    public long inFlightMax(long grantedBytes, long configuredBytes) {
        return Math.max(grantedBytes, configuredBytes);
    }

    /** Ends it from this side, and tells the agent. */
    void giveUp(String reason) {
        owner.forget(this, true);
        if (end()) {
            owner.endSession(agent, session, reason, session);
        }
    }

    /** Ends it without a word: the same session begins anew, or the endpoint closes. */
    void drop() {
        end();
    }

    /** @return false when it had ended before */
    private boolean end() {
        List<Item> left = new ArrayList<>();
        AgentCall open;
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
            open = call;
            if (current != null) {
                left.add(current);
                current = null;
            }
            left.addAll(queue);
            queue.clear();
            queuedBytes = 0;
        }
        for (Item item : left) {
            owner.waiting(-item.bytes);
            item.done.run();
        }
        if (open != null) {
            open.gone();
        }
        return true;
    }
}
