package io.tributary.collector.ingest;

import io.tributary.proto.v1.CollectorMessage;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All open streams, and of those that have greeted, the one per agent. Decides who may come in and how much credit each
 * gets: the budget divided by the sessions, in powers of two so that one agent more or less does not make everybody's
 * credit change.
 */
final class Sessions {
    private final IngestOptions options;
    private final WriterHealth health;
    private final InFlightBudget budget;
    private final Set<AgentStream> streams = ConcurrentHashMap.newKeySet();
    private final Map<String, AgentStream> byAgent = new ConcurrentHashMap<>();
    private volatile boolean draining;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition streamEnded = lock.newCondition();

    Sessions(IngestOptions options, WriterHealth health, InFlightBudget budget) {
        this.options = options;
        this.health = health;
        this.budget = budget;
    }

    void opened(AgentStream stream) {
        streams.add(stream);
    }

    /** Why {@code agent} shall not come in now; null when it may. */
    @Nullable
    Refusal refusal(String agent, long nowNanos) {
        if (draining) {
            return new Refusal("shutdown", "the collector is shutting down");
        }
        int sessions = byAgent.size();
        if (sessions >= options.agentsMax() && !byAgent.containsKey(agent)) {
            return new Refusal(
                    "agents-max", sessions + " agents are connected, expected at most " + options.agentsMax());
        }
        int waiting = budget.waiting();
        if (waiting > Math.max(16, sessions / 2)) {
            return new Refusal(
                    "overload",
                    waiting + " agents are waiting for " + budget.limitBytes() + " bytes of memory for deliveries");
        }
        if (!health.admit(nowNanos)) {
            return new Refusal("storage", "storage cannot write");
        }
        return null;
    }

    /** @return the stream that {@code stream} takes over from */
    @Nullable
    AgentStream register(String agent, AgentStream stream) {
        return byAgent.put(agent, stream);
    }

    void ended(AgentStream stream, @Nullable String agent) {
        if (agent != null) {
            byAgent.remove(agent, stream);
        }
        streams.remove(stream);
        lock.lock();
        try {
            streamEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long creditBytes() {
        long share = budget.limitBytes() / Math.max(1, byAgent.size());
        long rounded = Math.min(options.agentInFlightMax().bytes(), Long.highestOneBit(share));
        return Math.max(rounded, options.batchBytesMax().bytes());
    }

    void tick(long nowNanos) {
        long credit = creditBytes();
        for (AgentStream stream : streams) {
            stream.tick(nowNanos, credit);
        }
    }

    /**
     * Lets nobody in and ends every stream when what it has in flight has landed.
     *
     * @return streams that were still open after {@code timeoutNanos}
     */
    int drain(Supplier<CollectorMessage> farewell, long timeoutNanos) {
        draining = true;
        for (AgentStream stream : streams) {
            stream.finish(farewell.get());
        }
        long left = timeoutNanos;
        lock.lock();
        try {
            while (!streams.isEmpty() && left > 0) {
                left = streamEnded.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)))
                        + Math.max(0, left - TimeUnit.SECONDS.toNanos(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return streams.size();
    }

    int agents() {
        return byAgent.size();
    }

    int streams() {
        return streams.size();
    }
}
