package io.tributary.agent.process;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What windows say, on its way into the outbox, in order: one batch at a time, and what is refused comes again with the
 * next {@link #drain}. Windows are refused new readings while it is full. Any thread.
 */
final class Emissions {
    private static final Logger LOG = LoggerFactory.getLogger(Emissions.class);
    private static final int BATCH_MAX = 1_000;
    /** Some 100 bytes each. */
    private static final int FULL = 20_000;

    private final Intake next;
    private final ProcessMetrics metrics;
    // Guarded by this.
    private final Deque<Emission> waiting = new ArrayDeque<>();
    private boolean busy;

    Emissions(Intake next, ProcessMetrics metrics) {
        this.next = next;
        this.metrics = metrics;
    }

    synchronized void add(Emission emission) {
        waiting.add(emission);
    }

    synchronized boolean isFull() {
        return waiting.size() >= FULL;
    }

    synchronized int size() {
        return waiting.size();
    }

    /** Hands the next batch in, unless one is there already. Never blocks. */
    void drain() {
        List<Emission> batch = new ArrayList<>();
        synchronized (this) {
            if (busy || waiting.isEmpty()) {
                return;
            }
            busy = true;
            String source = waiting.element().source();
            for (Emission each : waiting) {
                if (batch.size() == BATCH_MAX || !each.source().equals(source)) {
                    break;
                }
                batch.add(each);
            }
        }
        String source = batch.get(0).source();
        next.take(source, built(batch), Durability.SYNCED, new Receipt() {
            @Override
            public void taken() {
                metrics.aggregates.labelValues(source).inc(batch.size());
                settled(batch.size());
                drain();
            }

            @Override
            public void refused(Refusal refusal) {
                if (refusal.isPermanent()) {
                    LOG.error("{} aggregates of {} are lost: {}", batch.size(), source, refusal.detail());
                    metrics.lost.labelValues(source).inc(batch.size());
                }
                settled(refusal.isPermanent() ? batch.size() : 0);
            }
        });
    }

    private synchronized void settled(int count) {
        for (int i = 0; i < count && !waiting.isEmpty(); i++) { // empty when given up
            waiting.remove();
        }
        busy = false;
        notifyAll();
    }

    private static Batch built(List<Emission> emissions) {
        BatchBuilder builder = new BatchBuilder();
        for (Emission each : emissions) {
            builder.row(each.device(), each.timeNs());
            ReadingCursor.set(builder, each.channel(), each.bits(), "", each.quality());
        }
        return builder.build();
    }

    /** Gives up what is left. */
    synchronized int abandon() {
        int count = waiting.size();
        for (Emission each : waiting) {
            metrics.lost.labelValues(each.source()).inc();
        }
        waiting.clear();
        return count;
    }

    /** Waits until something is settled, at most this long; true when nothing is left. */
    @SuppressWarnings("WaitNotInLoop") // its caller loops, and drains in between
    synchronized boolean awaitEmpty(long millis) throws InterruptedException {
        if (!waiting.isEmpty()) {
            wait(millis);
        }
        return waiting.isEmpty();
    }
}
