package io.tributary.agent.process;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies {@link ProcessRule}s between sources and outbox. Batches that no rule concerns go through untouched.
 *
 * <pre>
 * take -> plan: what passes, what is summed up, what is suppressed -> next intake
 *           taken:   sums and counts become true
 *           refused: last values are forgotten, so that the readings pass when they come again
 * windows that end -> {@link Emissions} -> next intake
 * </pre>
 *
 * Counting waits for the receipt: a batch that is refused and comes again counts once.
 */
public final class Processing implements Intake, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Processing.class);
    private static final long TICK_MILLIS = 1_000;
    private static final long CLOSE_MILLIS = 5_000;

    private final Intake next;
    private final Clock clock;
    private final ProcessMetrics metrics;
    private final Emissions emissions;
    private final Planner planner;
    private final boolean hasWindows;
    private final Object lock = new Object();
    // Guarded by lock.
    private final SeriesStates states;
    private @Nullable Thread thread;
    private boolean closing;

    public Processing(List<ProcessRule> rules, Intake next, Clock clock, PrometheusRegistry registry) {
        this.next = next;
        this.clock = clock;
        this.metrics = new ProcessMetrics(registry);
        this.emissions = new Emissions(next, metrics);
        this.states = new SeriesStates(emissions::add);
        this.planner = new Planner(rules, states, clock);
        this.hasWindows = rules.stream().anyMatch(rule -> rule.window() != null);
        metrics.gauges(() -> locked(states::size), () -> locked(states::windowReadings), emissions::size);
    }

    private long locked(java.util.function.LongSupplier value) {
        synchronized (lock) {
            return value.getAsLong();
        }
    }

    /** Begins to close windows that hear nothing more; without it, only later readings close them. */
    public void start() {
        if (hasWindows) {
            Thread ticker = new Thread(this::run, "process-windows");
            ticker.setDaemon(true);
            ticker.start();
            thread = ticker;
        }
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        if (!planner.concerns(source, batch)) {
            next.take(source, batch, durability, receipt);
            return;
        }
        Plan plan;
        synchronized (lock) {
            plan = planner.plan(source, batch);
        }
        if (plan.sumsUp() && emissions.isFull()) {
            forget(plan);
            receipt.refused(
                    new Refusal("process-full", emissions.size() + " aggregates wait for the outbox", TICK_MILLIS));
            return;
        }
        if (plan.passing().readingCount() == 0) {
            settle(plan, source);
            receipt.taken();
            return;
        }
        next.take(source, plan.passing(), durability, new Receipt() {
            @Override
            public void taken() {
                settle(plan, source);
                receipt.taken();
            }

            @Override
            public void refused(Refusal refusal) {
                forget(plan);
                receipt.refused(refusal);
            }
        });
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        next.deadLetter(source, cause, detail, payload, receipt);
    }

    private void settle(Plan plan, String source) {
        long now = clock.monotonicNs();
        synchronized (lock) {
            plan.sumUp(states, now);
            forgotten();
        }
        plan.count(metrics, source);
        if (plan.sumsUp()) {
            emissions.drain();
        }
    }

    private void forget(Plan plan) {
        synchronized (lock) {
            plan.forget();
            forgotten();
        }
    }

    private void forgotten() {
        long count = states.takeForgotten();
        if (count > 0) {
            metrics.forgotten.inc(count);
        }
    }

    /** Closes windows that have heard nothing for their own length, and hands in what waits. */
    void tick() {
        synchronized (lock) {
            states.closeIdle(clock.monotonicNs());
        }
        emissions.drain();
    }

    private void run() {
        while (true) {
            synchronized (lock) {
                try {
                    if (!closing) {
                        lock.wait(TICK_MILLIS);
                    }
                } catch (InterruptedException e) {
                    LOG.debug("interrupted: windows close with later readings only", e);
                    return;
                }
                if (closing) {
                    return;
                }
            }
            tick();
        }
    }

    /** Closes all windows and hands their results to the next intake, for a bounded time. May be called twice. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
            states.closeAll();
        }
        try {
            if (thread != null) {
                thread.join();
            }
            long until = clock.monotonicNs() + CLOSE_MILLIS * 1_000_000;
            boolean empty = false;
            while (!empty && clock.monotonicNs() < until) {
                emissions.drain();
                empty = emissions.awaitEmpty(TICK_MILLIS / 10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int lost = emissions.abandon();
        if (lost > 0) {
            LOG.error("{} aggregates are lost: the outbox did not take them", lost);
        }
    }
}
