package io.tributary.agent.uplink;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.model.SequenceRange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What goes out in an open session, and what of it was acknowledged: losses first, then batches as lanes, credit and the
 * clock's correction let them, and every few seconds how the agent is. Of the forwarder's thread.
 */
final class Sending {
    private static final double JOINED_SHARE_MIN = 0.1;
    private static final long PROBE_INTERVAL_NS = Duration.ofSeconds(60).toNanos();

    private final Stamps stamps;
    private final Clock clock;
    private final Supplier<AgentStatus> status;
    private final ForwarderMetrics metrics;
    private final Lanes lanes;
    private final LossTelling losses;
    private final InFlight inFlight = new InFlight();
    private final UploadGate gate;
    private final Outbox outbox;

    private ForwarderOptions options;
    private long epoch;
    /** What joining leaves of small batches, as it was lately. */
    private double joinedShare = 1;

    private long creditBytes;
    private int batchBytesMax;
    private long progressNs;
    private long statusNs;
    private long probeNs;

    Sending(
            Outbox outbox,
            Stamps stamps,
            Clock clock,
            ForwarderOptions options,
            UploadGate gate,
            Supplier<AgentStatus> status,
            ForwarderMetrics metrics) {
        this.stamps = stamps;
        this.clock = clock;
        this.options = options;
        this.gate = gate;
        this.outbox = outbox;
        this.status = status;
        this.metrics = metrics;
        this.lanes = new Lanes(outbox, stamps);
        this.losses = new LossTelling(outbox);
    }

    void reconfigure(ForwarderOptions changed) {
        options = changed;
    }

    /** @param stats what is there now is backlog */
    void open(SessionWelcome welcome, long ofEpoch, OutboxStats stats, long nowNs) {
        epoch = ofEpoch;
        credit(welcome.creditBytes());
        batchBytesMax = welcome.batchBytesMax();
        lanes.open(stats);
        losses.begin();
        progressNs = nowNs;
        statusNs = nowNs;
        probeNs = nowNs;
    }

    void close() {
        lanes.close();
        inFlight.clear();
        losses.begin();
        metrics.inFlightBytes.set(0);
    }

    /** When there is something to do even if nothing happens. */
    long deadlineNs() {
        long deadline = Math.min(statusNs, probeNs);
        return inFlight.isEmpty()
                ? deadline
                : Math.min(deadline, progressNs + options.progressTimeout().toNanos());
    }

    /** Why the session is to be given up; null while there is progress. */
    @Nullable
    String stuck(long nowNs) {
        if (inFlight.isEmpty() || nowNs - progressNs < options.progressTimeout().toNanos()) {
            return null;
        }
        return "nothing acknowledged for " + options.progressTimeout().toMillis() + " ms with " + inFlight.bytes()
                + " bytes sent";
    }

    /** Whether the session has nothing left to do until the gate opens. */
    boolean isIdleBehindGate() {
        return !gate.isOpen() && !gate.letsUrgentThrough() && inFlight.isEmpty();
    }

    /** Sends what may be sent now. */
    void run(Uplink.Session open, long nowNs) throws OutboxException {
        if (nowNs >= probeNs) {
            probeNs = nowNs + PROBE_INTERVAL_NS;
            open.probe(clock.wallNs());
        }
        tellLosses(open, nowNs);
        followGate();
        while (open.isReady() && sendNext(open, nowNs)) {
            // sendNext does the work
        }
        if (nowNs >= statusNs) {
            tellStatus(open, nowNs);
        }
        metrics.inFlightBytes.set(inFlight.bytes());
    }

    private void tellLosses(Uplink.Session open, long nowNs) throws OutboxException {
        List<LostRange> next = losses.next();
        if (!next.isEmpty()) {
            tellStatus(open, nowNs); // a loss may be of sequences that the collector has not heard of
        }
        for (LostRange lost : next) {
            checkEpoch(Math.max(epoch, lost.epoch()));
            losses.told(lost);
            open.send(lost);
        }
    }

    private void tellStatus(Uplink.Session open, long nowNs) {
        statusNs = nowNs + options.statusInterval().toNanos();
        open.send(status.get());
    }

    /** The outbox may begin a new epoch at any moment; nothing of it may be sent in a session of the old one. */
    private void checkEpoch(long of) throws OutboxException {
        if (of != epoch) {
            throw new OutboxException("epoch " + of + " has begun, the session is of epoch " + epoch);
        }
    }

    private void followGate() {
        if (!gate.isOpen() && !lanes.isNarrowed()) {
            lanes.narrow(gate.urgentPriority());
        } else if (gate.isOpen() && lanes.isNarrowed()) {
            lanes.open(outbox.stats()); // what is on its way is met again, and passed over
        }
    }

    /** @return false when there is nothing to send or no credit to send it */
    private boolean sendNext(Uplink.Session open, long nowNs) throws OutboxException {
        if (lanes.isNarrowed()) {
            OutboxRecord urgent = lanes.nextUrgent();
            if (urgent == null || !(inFlight.contains(urgent) || send(open, urgent, Lane.LIVE, nowNs))) {
                return false;
            }
            lanes.takeUrgent();
            return true;
        }
        LaneCursor lane = gate.isOpen() ? lanes.next(inFlight.bytes()) : null;
        if (lane == null) {
            return false;
        }
        // A part of the window at most, as it will be when it is joined: a live batch must not wait behind it.
        long room = (long) (Math.min(lanes.partBytes(), creditBytes - inFlight.bytes()) / joinedShare);
        List<OutboxRecord> run =
                lane.run(lanes.isLinkSlow(), Math.min(Math.min(SmallBatches.RUN_BYTES, batchBytesMax), room));
        if (run.isEmpty()) {
            return false;
        }
        if (inFlight.contains(run.get(0))) {
            lane.take();
            return true;
        }
        OutboxRecord joined = run.size() == 1 ? null : SmallBatches.join(run);
        OutboxRecord batch = joined == null ? run.get(0) : joined;
        if (joined != null) {
            double share = (double) joined.bytes()
                    / run.stream().mapToInt(OutboxRecord::bytes).sum();
            joinedShare = Math.max(JOINED_SHARE_MIN, 0.75 * joinedShare + 0.25 * share);
        }
        if (!send(open, batch, lane.lane(), nowNs)) {
            return false;
        }
        int sent = joined == null ? 1 : run.size();
        lanes.take(lane, sent, batch);
        metrics.joinedBatches.inc(sent - 1L);
        return true;
    }

    private boolean send(Uplink.Session open, OutboxRecord batch, Lane lane, long nowNs) throws OutboxException {
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
        inFlight.add(batch, nowNs);
        gate.sent(stamped.bytes().length);
        String name = lane.name().toLowerCase(Locale.ROOT);
        metrics.sentReadings.labelValues(name).inc(batch.batch().readings());
        metrics.sentBytes.labelValues(name).inc(batch.bytes());
        open.send(stamped, lane);
        return true;
    }

    void credit(long bytes) {
        creditBytes = bytes;
        metrics.creditBytes.set(bytes);
    }

    void acknowledged(List<SequenceRange> ranges, long nowNs) {
        progressNs = nowNs;
        long readings = inFlight.acknowledged(ranges, (sentNs, bytes) -> {
            metrics.acknowledgeSeconds.observe((nowNs - sentNs) / 1e9);
            lanes.acknowledged(nowNs, sentNs, bytes, creditBytes);
        });
        lanes.acknowledgementEnds();
        metrics.backlogWindowBytes.set(lanes.windowBytes());
        metrics.acknowledged.inc(readings);
        losses.acknowledged(epoch, ranges);
    }

    void lossesKnown(long of, List<SequenceRange> ranges, long nowNs) throws OutboxException {
        progressNs = nowNs;
        losses.known(of, ranges);
    }
}
