package io.tributary.agent.uplink;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.model.SequenceRange;
import io.tributary.process.Backoff;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
 * <pre>
 * WAITING --backoff over--> GREETING --welcome--> OPEN --ended, no progress--> WAITING
 *                               \--timeout, ended--> WAITING
 * </pre>
 *
 * <p>One thread, {@code forwarder}, owns all state; sessions and the committer put small tasks into its inbox. The inbox
 * is bounded by what puts there: the session hands over the next message only when asked, a wake-up is put once.
 */
public final class Forwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final long HOUSEKEEPING_NS = Duration.ofSeconds(5).toNanos();

    private enum State {
        WAITING,
        GREETING,
        OPEN
    }

    private final String agent;
    private final String version;
    private final Outbox outbox;
    private final Uplink uplink;
    private final @Nullable Duration maxAge;
    private final Clock clock;
    private final Supplier<Map<String, Long>> refused;
    private final Stamps stamps;
    private final LongSupplier flash;
    private final ForwarderMetrics metrics;
    private final RandomGenerator random;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean connected;
    private volatile @Nullable ClockOffset offset;
    private @Nullable Thread thread;
    private Downward downward = Downward.NONE;

    // Of the forwarder's thread.
    private ForwarderOptions options;
    private Backoff backoff;
    private State state = State.WAITING;
    private long stateUntilNs;
    /** Of the last failure: the same one over and over is told once. */
    private String lastReason = "";

    private Uplink.@Nullable Session session;
    private long sessions;
    /** Of the session, or of the last one. */
    private long epoch;

    private final Sending sending;
    private final UploadGate gate;
    private final Freeing freeing;
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
        this.agent = agent;
        this.version = version;
        this.outbox = outbox;
        this.freeing = new Freeing(outbox);
        this.uplink = uplink;
        this.options = options;
        this.maxAge = maxAge;
        this.clock = clock;
        this.refused = refused;
        this.metrics = new ForwarderMetrics(registry);
        this.gate = new UploadGate(options.uploadOrUnbound(), upload);
        metrics.upload(true, 0, gate.budgetBytes());
        this.sending = new Sending(outbox, stamps, clock, options, gate, this::status, metrics);
        this.random = random;
        this.backoff = new Backoff(options.reconnectMin(), options.reconnectMax(), random);
    }

    public void start() {
        Thread forwarder = new Thread(this::run, "forwarder");
        forwarder.setDaemon(true);
        stateUntilNs = clock.monotonicNs();
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
        downward = listener;
    }

    /** Says how a command ended; dropped without a session: the collector asks again. Any thread, never blocks. */
    public void tell(CommandResult result) {
        inbox.add(() -> {
            if (state == State.OPEN && session != null) {
                session.send(result);
            }
        });
    }

    /** As for results. */
    public void tell(ConfigReport report) {
        inbox.add(() -> {
            if (state == State.OPEN && session != null) {
                session.send(report);
            }
        });
    }

    /** Goes on with other options, without a new session. Any thread. */
    public void reconfigure(ForwarderOptions changed) {
        inbox.add(() -> {
            options = changed;
            sending.reconfigure(changed);
            gate.reconfigure(changed.uploadOrUnbound());
            lookAtGate();
            backoff = new Backoff(changed.reconnectMin(), changed.reconnectMax(), random);
        });
    }

    /** True while a session is open. */
    public boolean isConnected() {
        return connected;
    }

    /** The best comparison of clocks so far. */
    public @Nullable ClockOffset clockOffset() {
        return offset;
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
                drop("the outbox failed: " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("fault of the forwarder; the session starts anew", e);
                drop("fault of the forwarder");
            }
        }
        if (session != null) {
            session.finish();
            session = null;
        }
        connected = false;
        gate.close();
    }

    private long nextDeadline() {
        // Behind a closed gate the housekeeping looks whether it has opened.
        boolean waits = state == State.WAITING && !gate.isOpen() && !gate.letsUrgentThrough();
        long deadline = waits ? housekeepingNs : Math.min(housekeepingNs, stateUntilNs);
        if (state == State.OPEN) {
            deadline = Math.min(deadline, sending.deadlineNs());
        }
        return stopping ? Math.min(deadline, drainUntilNs) : deadline;
    }

    private void step(long nowNs) throws OutboxException {
        freeing.run(epoch);
        if (options.upload() != null) {
            lookAtGate();
        }
        if (nowNs >= housekeepingNs) {
            housekeepingNs = nowNs + HOUSEKEEPING_NS;
            evictOld();
        }
        switch (state) {
            case WAITING -> {
                if (nowNs >= stateUntilNs && (gate.isOpen() || gate.letsUrgentThrough())) {
                    greet(nowNs);
                }
            }
            case GREETING -> {
                if (nowNs >= stateUntilNs) {
                    drop("no welcome within " + options.welcomeTimeout().toMillis() + " ms");
                }
            }
            case OPEN -> send(nowNs);
        }
        if (stopping
                && (nowNs >= drainUntilNs || isBehindGate() || outbox.stats().queuedReadings() == 0)) {
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

    private boolean isBehindGate() {
        return state == State.WAITING ? !gate.isOpen() : sending.isIdleBehindGate();
    }

    private void evictOld() {
        if (maxAge == null) {
            return;
        }
        try {
            outbox.evictBefore(stamps.ageNowNs() - maxAge.toNanos());
        } catch (OutboxException e) {
            LOG.debug("nothing can be evicted at this moment", e);
        }
    }

    // ---- sessions ----

    private void greet(long nowNs) {
        OutboxStats stats = outbox.stats();
        if (stats.epoch() != epoch) {
            epoch = stats.epoch();
            freeing.clear();
        }
        state = State.GREETING;
        stateUntilNs = nowNs + options.welcomeTimeout().toNanos();
        session = uplink.open(
                new SessionHello(agent, stats.epoch(), stats.nextSequence(), stats.oldestSequence(), version),
                new SessionEvents(this, inbox::add, ++sessions));
    }

    void welcomed(SessionWelcome welcome) throws OutboxException {
        long nowNs = clock.monotonicNs();
        state = State.OPEN;
        stateUntilNs = Long.MAX_VALUE;
        backoff.succeeded();
        lastReason = "";
        freeing.add(welcome.received());
        freeing.run(epoch);
        OutboxStats stats = outbox.stats();
        sending.open(welcome, epoch, stats, nowNs);
        connected = true;
        metrics.connected.set(1);
        metrics.sessions.inc();
        LOG.info(
                "connected to {} at {}, {} readings queued",
                welcome.collector(),
                uplink.target(),
                stats.queuedReadings());
    }

    /** Ends the session and waits before the next one. */
    void drop(String reason) {
        long delay = backoff.failed();
        if (reason.equals(lastReason)) {
            LOG.debug("{}: {}; trying again in {} ms", uplink.target(), reason, delay / 1_000_000);
        } else {
            LOG.warn("{}: {}; trying again in {} ms, and on", uplink.target(), reason, delay / 1_000_000);
        }
        lastReason = reason;
        leave(delay, reason);
    }

    void retryAfter(long delayMillis, String reason) {
        LOG.info("{}: come back in {} ms: {}", uplink.target(), delayMillis, reason);
        leave(TimeUnit.MILLISECONDS.toNanos(delayMillis), "asked to come back later");
    }

    void command(AgentCommand command) throws OutboxException {
        downward.command(command);
    }

    void desiredConfig(long version, String yaml) throws OutboxException {
        downward.desiredConfig(version, yaml);
    }

    /** False for what an ended session still says. */
    boolean isCurrent(long sessionNumber) {
        return sessionNumber == sessions;
    }

    /** The next message of the session may come. */
    void dealtWith() {
        if (session != null) {
            session.next();
        }
    }

    private void leave(long delayNs, String reason) {
        if (session != null) {
            session.abort(reason);
            session = null;
        }
        sessions++; // what the old one still says is not heard
        state = State.WAITING;
        stateUntilNs = clock.monotonicNs() + delayNs;
        connected = false;
        sending.close();
        metrics.connected.set(0);
        metrics.sessionsEnded.inc();
    }

    private void send(long nowNs) throws OutboxException {
        Uplink.Session open = session;
        if (open == null) {
            return;
        }
        String stuck = sending.stuck(nowNs);
        if (stuck != null) {
            drop(stuck);
        } else if (sending.isIdleBehindGate()) {
            pause(open);
        } else {
            sending.run(open, nowNs);
        }
    }

    /** Ends the session until the link may be used again. */
    private void pause(Uplink.Session open) {
        LOG.info("{}: sending pauses, {}", uplink.target(), gate.whyClosed());
        open.send(status());
        open.finish();
        session = null;
        leave(0, "");
    }

    private AgentStatus status() {
        return new AgentStatus(
                outbox.stats(),
                offset,
                stamps.isRight(),
                flash.getAsLong(),
                refused.get(),
                clock.wallNs(),
                options.upload() == null ? null : gate.status());
    }

    // ---- what the collector says ----

    void credit(long bytes) {
        sending.credit(bytes);
    }

    void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
        sending.acknowledged(ranges, clock.monotonicNs());
        for (Rejected each : rejected) {
            metrics.rejected.labelValues(each.cause()).inc(each.readings());
            LOG.warn(
                    "the collector rejected {} readings in {}: {} ({})",
                    each.readings(),
                    each.range(),
                    each.cause(),
                    each.detail());
        }
        freeing.add(ranges);
    }

    void lossesKnown(long of, List<SequenceRange> ranges) throws OutboxException {
        sending.lossesKnown(of, ranges, clock.monotonicNs());
    }

    void wentBack(String reason) throws OutboxException {
        LOG.warn("{}: {}", uplink.target(), reason);
        outbox.renewEpoch(reason);
        drop("the outbox had to begin a new epoch");
    }

    void clockReply(long t1, long t2, long t3, long t4) {
        ClockOffset measured = ClockOffset.of(t1, t2, t3, t4);
        offset = measured;
        stamps.compared(measured);
        metrics.clockOffset.set(measured.offsetNs() / 1e9);
        metrics.clockError.set(measured.errorNs() / 1e9);
    }
}
