package io.tributary.agent.uplink;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.model.SequenceRange;
import io.tributary.process.Backoff;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final long PROBE_INTERVAL_NS = Duration.ofSeconds(60).toNanos();
    /** Losses told at a time; each is a message of some 20 bytes. */
    private static final int LOSSES_MAX = 256;

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

    private long creditBytes;
    private int batchBytesMax;
    private final Lanes lanes;
    private final InFlight inFlight = new InFlight();
    private final Set<LostRange> lossesInFlight = new HashSet<>();
    private long evictedSeen = -1;
    private final Freeing freeing;
    private long progressNs;
    private long statusNs;
    private long probeNs;
    private long housekeepingNs;
    private boolean stopping;
    private long drainUntilNs;
    private boolean done;

    /** For tests, with a clock that is always right. */
    Forwarder(
            String agent,
            String version,
            Outbox outbox,
            Uplink uplink,
            ForwarderOptions options,
            @Nullable Duration maxAge,
            Clock clock,
            RandomGenerator random,
            Supplier<Map<String, Long>> refused,
            PrometheusRegistry registry) {
        this(agent, version, outbox, uplink, options, maxAge, clock, random, refused, null, () -> 0, registry);
    }

    /**
     * @param refused readings refused since the start, by cause; told to the collector
     * @param keeper corrects stamps; null where the clock is always right
     * @param flash bytes that this process had written to storage
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
            PrometheusRegistry registry) {
        this.stamps = new Stamps(keeper, clock);
        this.flash = flash;
        this.agent = agent;
        this.version = version;
        this.outbox = outbox;
        this.lanes = new Lanes(outbox);
        this.freeing = new Freeing(outbox);
        this.uplink = uplink;
        this.options = options;
        this.maxAge = maxAge;
        this.clock = clock;
        this.refused = refused;
        this.metrics = new ForwarderMetrics(registry);
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
    }

    private long nextDeadline() {
        long deadline = Math.min(housekeepingNs, stateUntilNs);
        if (state == State.OPEN) {
            deadline = Math.min(deadline, Math.min(statusNs, probeNs));
            if (!inFlight.isEmpty()) {
                deadline = Math.min(
                        deadline, progressNs + options.progressTimeout().toNanos());
            }
        }
        return stopping ? Math.min(deadline, drainUntilNs) : deadline;
    }

    private void step(long nowNs) throws OutboxException {
        freeing.run(epoch);
        if (nowNs >= housekeepingNs) {
            housekeepingNs = nowNs + HOUSEKEEPING_NS;
            evictOld();
        }
        switch (state) {
            case WAITING -> {
                if (nowNs >= stateUntilNs) {
                    greet(nowNs);
                }
            }
            case GREETING -> {
                if (nowNs >= stateUntilNs) {
                    drop("no welcome within " + options.welcomeTimeout().toMillis() + " ms");
                }
            }
            case OPEN -> forward(nowNs);
        }
        if (stopping && (nowNs >= drainUntilNs || outbox.stats().queuedReadings() == 0)) {
            long left = outbox.stats().queuedReadings();
            if (left > 0) {
                LOG.info("{} readings stay in the outbox for the next start", left);
            }
            done = true;
        }
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
        credit(welcome.creditBytes());
        batchBytesMax = welcome.batchBytesMax();
        freeing.add(welcome.received());
        freeing.run(epoch);
        OutboxStats stats = outbox.stats();
        lanes.open(stats);
        evictedSeen = -1;
        progressNs = nowNs;
        statusNs = nowNs;
        probeNs = nowNs;
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
        lanes.close();
        inFlight.clear();
        lossesInFlight.clear();
        metrics.connected.set(0);
        metrics.inFlightBytes.set(0);
        metrics.sessionsEnded.inc();
    }

    // ---- an open session ----

    private void forward(long nowNs) throws OutboxException {
        Uplink.Session open = session;
        if (open == null) {
            return;
        }
        if (!inFlight.isEmpty()
                && nowNs - progressNs >= options.progressTimeout().toNanos()) {
            drop("nothing acknowledged for " + options.progressTimeout().toMillis() + " ms with " + inFlight.bytes()
                    + " bytes sent");
            return;
        }
        if (nowNs >= probeNs) {
            probeNs = nowNs + PROBE_INTERVAL_NS;
            open.probe(clock.wallNs());
        }
        tellLosses(open, nowNs);
        while (open.isReady() && sendNext(open, nowNs)) {
            // sendNext does the work
        }
        if (nowNs >= statusNs) {
            tellStatus(open, nowNs);
        }
        metrics.inFlightBytes.set(inFlight.bytes());
    }

    private void tellLosses(Uplink.Session open, long nowNs) throws OutboxException {
        long evicted = outbox.evictedReadings();
        if (evicted == evictedSeen || !lossesInFlight.isEmpty()) {
            return;
        }
        List<LostRange> losses = outbox.losses(LOSSES_MAX);
        if (!losses.isEmpty()) {
            tellStatus(open, nowNs); // a loss may be of sequences that the collector has not heard of
        }
        boolean rest = false;
        for (LostRange lost : losses) {
            checkEpoch(Math.max(epoch, lost.epoch()));
            rest |= lost.isRest();
            lossesInFlight.add(lost);
            open.send(lost);
        }
        if (losses.isEmpty() || (losses.size() < LOSSES_MAX && rest)) {
            evictedSeen = evicted;
        }
    }

    private void tellStatus(Uplink.Session open, long nowNs) {
        statusNs = nowNs + options.statusInterval().toNanos();
        open.send(new AgentStatus(
                outbox.stats(), offset, stamps.isRight(), flash.getAsLong(), refused.get(), clock.wallNs()));
    }

    /** The outbox may begin a new epoch at any moment; nothing of it may be sent in a session of the old one. */
    private void checkEpoch(long of) throws OutboxException {
        if (of != epoch) {
            throw new OutboxException("epoch " + of + " has begun, the session is of epoch " + epoch);
        }
    }

    /** @return false when there is nothing to send or no credit to send it */
    private boolean sendNext(Uplink.Session open, long nowNs) throws OutboxException {
        LaneCursor lane = lanes.next(inFlight.bytes());
        OutboxRecord batch = lane == null ? null : lane.peek();
        if (lane == null || batch == null) {
            return false;
        }
        checkEpoch(batch.epoch());
        Stamped stamped = stamps.correct(batch);
        if (stamped == null) {
            return false; // until the clock's correction is known
        }
        if (!inFlight.isEmpty() && inFlight.bytes() + batch.bytes() > creditBytes) {
            return false;
        }
        if (batch.bytes() > batchBytesMax) {
            throw new OutboxException("batch at sequence " + batch.firstSequence() + " has " + batch.bytes()
                    + " bytes, the collector takes at most " + batchBytesMax
                    + ": raise its ingest.batch-bytes-max, or lower outbox.batch-readings here");
        }
        if (inFlight.isEmpty()) {
            progressNs = nowNs;
        }
        lanes.take(lane, batch);
        inFlight.add(batch, nowNs);
        metrics.sentReadings
                .labelValues(lane.lane().name().toLowerCase(java.util.Locale.ROOT))
                .inc(batch.batch().readings());
        metrics.sentBytes
                .labelValues(lane.lane().name().toLowerCase(java.util.Locale.ROOT))
                .inc(batch.bytes());
        open.send(stamped, lane.lane());
        return true;
    }

    void credit(long bytes) {
        creditBytes = bytes;
        metrics.creditBytes.set(bytes);
    }

    void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
        long nowNs = clock.monotonicNs();
        progressNs = nowNs;
        long readings = inFlight.acknowledged(ranges, (sentNs, bytes) -> {
            metrics.acknowledgeSeconds.observe((nowNs - sentNs) / 1e9);
            lanes.acknowledged(nowNs, sentNs, bytes, creditBytes);
        });
        lanes.acknowledgementEnds();
        metrics.backlogWindowBytes.set(lanes.windowBytes());
        metrics.acknowledged.inc(readings);
        lossesInFlight.removeIf(lost -> lost.epoch() == epoch && isInside(lost, ranges));
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

    private static boolean isInside(LostRange lost, List<SequenceRange> ranges) {
        return ranges.stream()
                .anyMatch(range ->
                        lost.range().first() >= range.first() && lost.range().end() <= range.end());
    }

    void lossesKnown(long of, List<SequenceRange> ranges) throws OutboxException {
        progressNs = clock.monotonicNs();
        lossesInFlight.removeIf(lost -> lost.epoch() == of && isInside(lost, ranges));
        outbox.forgetLosses(of, ranges);
        evictedSeen = -1; // what is told last may be next
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
