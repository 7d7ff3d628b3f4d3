package io.tributary.agent.uplink;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is in the outbox and frees what the collector has acknowledged, and nothing else.
 *
 * <p>One thread, {@code forwarder}, owns all state; sessions and the committer put small tasks into its inbox. The inbox
 * is bounded by what puts there: the session hands over the next message only when asked, a wake-up is put once.
 */
public final class Forwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final long HOUSEKEEPING_NS = Duration.ofSeconds(5).toNanos();

    private final Outbox outbox;
    private final @Nullable Duration maxAge;
    private final Clock clock;
    private final Supplier<Map<String, Long>> refused;
    private final Stamps stamps;
    private final LongSupplier flash;
    private final ForwarderMetrics metrics;
    private final Sessions sessions;
    private final UploadGate gate;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private @Nullable Thread thread;

    // Of the forwarder's thread.
    private ForwarderOptions options;
    private long housekeepingNs;
    private boolean stopping;
    private long drainUntilNs;
    private boolean done;

    /**
     * @param refused readings refused since the start, by cause; told to the collector
     * @param keeper corrects stamps; null where the clock is always right
     * @param flash bytes that this process had written to storage
     * @param upload where it is kept how much of a metered link is used; null: nowhere
     */
    public Forwarder(
            String agent,
            String version,
            Outbox outbox,
            Uplink uplink,
            ForwarderOptions options,
            @Nullable Duration maxAge,
            Clock clock,
            RandomGenerator random,
            Supplier<Map<String, Long>> refused,
            @Nullable ClockKeeper keeper,
            LongSupplier flash,
            @Nullable Path upload,
            PrometheusRegistry registry) {
        this.stamps = new Stamps(keeper, clock);
        this.flash = flash;
        this.outbox = outbox;
        this.options = options;
        this.maxAge = maxAge;
        this.clock = clock;
        this.refused = refused;
        this.metrics = new ForwarderMetrics(registry);
        this.gate = new UploadGate(options.uploadOrUnbound(), upload);
        metrics.upload(true, 0, gate.budgetBytes());
        this.sessions = new Sessions(
                agent,
                version,
                outbox,
                uplink,
                options,
                clock,
                stamps,
                gate,
                random,
                this::status,
                inbox::add,
                metrics);
    }

    public void start() {
        Thread forwarder = new Thread(this::run, "forwarder");
        forwarder.setDaemon(true);
        sessions.begin(clock.monotonicNs());
        housekeepingNs = clock.monotonicNs() + HOUSEKEEPING_NS;
        forwarder.start();
        thread = forwarder;
    }

    /** Something was appended. Any thread, never blocks. */
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            inbox.add(() -> woken.set(false));
        }
    }

    /** Who hears what the collector wants. Before the start. */
    public void listen(Downward listener) {
        sessions.listen(listener);
    }

    /** Says how a command ended; dropped without a session: the collector asks again. Any thread, never blocks. */
    public void tell(CommandResult result) {
        inbox.add(() -> sessions.tell(result));
    }

    /** As for results. */
    public void tell(ConfigReport report) {
        inbox.add(() -> sessions.tell(report));
    }

    /** Goes on with other options, without a new session. Any thread. */
    public void reconfigure(ForwarderOptions changed) {
        inbox.add(() -> {
            options = changed;
            sessions.reconfigure(changed);
            gate.reconfigure(changed.uploadOrUnbound());
            lookAtGate();
        });
    }

    /** True while a session is open. */
    public boolean isConnected() {
        return sessions.isConnected();
    }

    /** The best comparison of clocks so far. */
    public @Nullable ClockOffset clockOffset() {
        return sessions.clockOffset();
    }

    /** Sends until the outbox is empty or the drain timeout is over, then ends the session. May be called twice. */
    @Override
    public void close() {
        Thread forwarder = thread;
        if (forwarder == null) {
            return;
        }
        inbox.add(() -> {
            stopping = true;
            drainUntilNs = clock.monotonicNs() + options.drainTimeout().toNanos();
        });
        try {
            forwarder.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the loop ----

    private void run() {
        while (!done) {
            try {
                Runnable task = inbox.poll(Math.max(0, nextDeadline() - clock.monotonicNs()), TimeUnit.NANOSECONDS);
                for (; task != null; task = inbox.poll()) {
                    task.run();
                }
                step(clock.monotonicNs());
            } catch (InterruptedException e) {
                LOG.debug("interrupted: ending", e);
                done = true;
            } catch (OutboxException e) {
                sessions.drop("the outbox failed: " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("fault of the forwarder; the session starts anew", e);
                sessions.drop("fault of the forwarder");
            }
        }
        sessions.finish();
        gate.close();
    }

    private long nextDeadline() {
        // Behind a closed gate the housekeeping looks whether it has opened.
        long deadline = sessions.deadlineNs(housekeepingNs);
        return stopping ? Math.min(deadline, drainUntilNs) : deadline;
    }

    private void step(long nowNs) throws OutboxException {
        sessions.free();
        if (options.upload() != null) {
            lookAtGate();
        }
        if (nowNs >= housekeepingNs) {
            housekeepingNs = nowNs + HOUSEKEEPING_NS;
            evictOld();
        }
        sessions.step(nowNs);
        if (stopping
                && (nowNs >= drainUntilNs
                        || sessions.isBehindGate()
                        || outbox.stats().queuedReadings() == 0)) {
            long left = outbox.stats().queuedReadings();
            if (left > 0) {
                LOG.info("{} readings stay in the outbox for the next start", left);
            }
            done = true;
        }
    }

    private void lookAtGate() {
        gate.look(stamps.ageNowNs(), stamps.isBelieved());
        metrics.upload(gate.isOpen(), gate.sentBytes(), gate.budgetBytes());
    }

    private void evictOld() {
        if (maxAge == null || !stamps.isBelieved()) {
            return; // while nobody knows what time it is nothing is too old
        }
        try {
            outbox.evictBefore(stamps.ageNowNs() - maxAge.toNanos());
        } catch (OutboxException e) {
            LOG.debug("nothing can be evicted at this moment", e);
        }
    }

    private AgentStatus status() {
        return new AgentStatus(
                outbox.stats(),
                sessions.clockOffset(),
                stamps.isRight(),
                flash.getAsLong(),
                refused.get(),
                clock.wallNs(),
                options.upload() == null ? null : gate.status());
    }
}
