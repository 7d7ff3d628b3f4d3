package io.tributary.agent.uplink;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.model.SequenceRange;
import io.tributary.process.Backoff;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with the collector after the other: when the next one begins, what is done with all that it says, why it ends.
 * Of the forwarder's thread, but for what says that it is of any.
 *
 * <pre>
 * WAITING --backoff over--> GREETING --welcome--> OPEN --ended, no progress--> WAITING
 *                               \--timeout, ended--> WAITING
 * </pre>
 */
final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    private enum State {
        WAITING,
        GREETING,
        OPEN
    }

    private final String agent;
    private final String version;
    private final Outbox outbox;
    private final Uplink uplink;
    private final Clock clock;
    private final Stamps stamps;
    private final Supplier<AgentStatus> status;
    private final Consumer<Runnable> inbox;
    private final ForwarderMetrics metrics;
    private final RandomGenerator random;
    private final Sending sending;
    private final UploadGate gate;
    private final Freeing freeing;
    private volatile boolean connected;
    private volatile @Nullable ClockOffset offset;
    private Downward downward = Downward.NONE;

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

    /**
     * @param status how the agent is; asked on the forwarder's thread
     * @param inbox tasks for the forwarder's thread
     */
    Sessions(
            String agent,
            String version,
            Outbox outbox,
            Uplink uplink,
            ForwarderOptions options,
            Clock clock,
            Stamps stamps,
            UploadGate gate,
            RandomGenerator random,
            Supplier<AgentStatus> status,
            Consumer<Runnable> inbox,
            ForwarderMetrics metrics) {
        this.agent = agent;
        this.version = version;
        this.outbox = outbox;
        this.uplink = uplink;
        this.options = options;
        this.clock = clock;
        this.stamps = stamps;
        this.gate = gate;
        this.random = random;
        this.status = status;
        this.inbox = inbox;
        this.metrics = metrics;
        this.freeing = new Freeing(outbox);
        this.sending = new Sending(outbox, stamps, clock, options, gate, status, metrics);
        this.backoff = new Backoff(options.reconnectMin(), options.reconnectMax(), random);
    }

    /** The first session may begin. */
    void begin(long nowNs) {
        stateUntilNs = nowNs;
    }

    /** Who hears what the collector wants. Before the first session. */
    void listen(Downward listener) {
        downward = listener;
    }

    void reconfigure(ForwarderOptions changed) {
        options = changed;
        sending.reconfigure(changed);
        backoff = new Backoff(changed.reconnectMin(), changed.reconnectMax(), random);
    }

    /** True while a session is open. Any thread. */
    boolean isConnected() {
        return connected;
    }

    /** The best comparison of clocks so far. Any thread. */
    @Nullable
    ClockOffset clockOffset() {
        return offset;
    }

    /** Whether nothing can be sent until the gate opens. */
    boolean isBehindGate() {
        return state == State.WAITING ? !gate.isOpen() : sending.isIdleBehindGate();
    }

    /** When there is something to do even if nothing happens; {@code never} without. */
    long deadlineNs(long never) {
        if (state == State.WAITING && !gate.isOpen() && !gate.letsUrgentThrough()) {
            return never;
        }
        long deadline = Math.min(never, stateUntilNs);
        return state == State.OPEN ? Math.min(deadline, sending.deadlineNs()) : deadline;
    }

    /** Frees what was acknowledged. */
    void free() {
        freeing.run(epoch);
    }

    /** Does what is due. */
    void step(long nowNs) throws OutboxException {
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
    }

    /** The agent ends: nothing more is said. */
    void finish() {
        if (session != null) {
            session.finish();
            session = null;
        }
        connected = false;
    }

    void tell(CommandResult result) {
        if (state == State.OPEN && session != null) {
            session.send(result);
        }
    }

    void tell(ConfigReport report) {
        if (state == State.OPEN && session != null) {
            session.send(report);
        }
    }

    // ---- from greeting to end ----

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
                new SessionEvents(this, inbox, ++sessions));
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
        open.send(status.get());
        open.finish();
        session = null;
        leave(0, "");
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
