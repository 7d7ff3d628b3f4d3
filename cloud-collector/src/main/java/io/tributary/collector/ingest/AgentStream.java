package io.tributary.collector.ingest;

import io.grpc.Status;
import io.tributary.collector.agents.AgentHello;
import io.tributary.collector.agents.AgentLink;
import io.tributary.collector.agents.AgentStatus;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.security.AccessDeniedException;
import io.tributary.collector.security.Peer;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockReply;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Credit;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Loss;
import io.tributary.proto.v1.Rejection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session of one agent, from its hello to its end.
 *
 * <pre>
 *   NEW --hello--> OPEN --drain, retry-after, goodbye--> FINISHING --nothing in flight--> ENDED
 *    |               \--takeover, protocol error, silence, peer gone--------------------> ENDED
 *    \--no hello in time, bad hello, retry-after-----------------------------------------> ENDED
 * </pre>
 *
 * <p>One message is requested at a time, the next one when this one has been handed to the writer: what the collector
 * holds of a session is that message, its deliveries in flight (bounded by the credit) and what its pipe holds.
 *
 * <p>Threads: messages come on {@code ingest-N}, one at a time; the writer calls back on its own; the timer looks in;
 * another stream of the same agent takes over.
 */
final class AgentStream implements AgentCall {
    private static final Logger LOG = LoggerFactory.getLogger(AgentStream.class);

    private enum State {
        NEW,
        OPEN,
        FINISHING,
        ENDED
    }

    private final IngestParts parts;
    private final AgentPipe pipe;
    private final Outbound outbound;
    private final Pacing pacing;
    private final @Nullable ArrivalTracer arrivals;
    private final Peer peer;
    private final String address;
    private final long openedNanos;
    private final AtomicLong inFlightBytes = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile long heardNanos;

    // Guarded by this.
    private State state = State.NEW;
    private int messages;
    private @Nullable AgentHello hello;
    private @Nullable Origin origin;
    private @Nullable AgentLink link;
    private @Nullable SeriesLimits limits;
    private @Nullable CollectorMessage farewell;
    private @Nullable DownwardMessages port;
    private long creditBytes;
    private long grantedMaxBytes;
    private long told;

    AgentStream(IngestParts parts, AgentPipe pipe, Peer peer) {
        this.parts = parts;
        this.pipe = pipe;
        this.outbound = new Outbound(pipe, parts.ackThread(), parts.metrics());
        this.pacing = new Pacing(pipe, parts.metrics(), parts.nanoTime());
        this.arrivals = ArrivalTracer.current();
        this.peer = peer;
        this.address = peer.address();
        this.openedNanos = parts.nanoTime().getAsLong();
        this.heardNanos = openedNanos;
    }

    /** The first message may come. */
    void open() {
        parts.sessions().opened(this);
        pipe.request();
    }

    @Override
    public void ready() {
        outbound.schedule();
    }

    // ---- messages, one at a time ----

    @Override
    public void message(AgentMessage message) {
        take(message);
    }

    @Override
    public void unreadable() {
        take(null);
    }

    private void take(@Nullable AgentMessage message) {
        heardNanos = parts.nanoTime().getAsLong();
        boolean next = true;
        try {
            Flight flight;
            synchronized (this) {
                if (state != State.NEW && state != State.OPEN) {
                    return;
                }
                flight = handle(message, messages++);
            }
            if (flight != null) {
                next = flight.depart();
            }
        } catch (ProtocolException e) {
            parts.metrics().protocolErrors.labelValues(e.label()).inc();
            LOG.warn("stream of {} ended: {}", name(), e.getMessage());
            fail(e.status());
            return;
        } catch (RuntimeException e) {
            LOG.error("stream of {} ended by a fault of the collector", name(), e);
            fail(Status.INTERNAL.withDescription("fault of the collector, see its log"));
            return;
        }
        if (next) {
            pacing.request();
        }
    }

    /** @return what the message brings to the writer; null when it is dealt with */
    private @Nullable Flight handle(@Nullable AgentMessage message, int index) throws ProtocolException {
        if (message == null) {
            throw ProtocolException.invalid("unreadable", "message " + (index + 1) + " is not an AgentMessage");
        }
        AgentMessage.MessageCase kind = message.getMessageCase();
        if ((state == State.NEW) != (kind == AgentMessage.MessageCase.HELLO)) {
            throw ProtocolException.invalid(
                    "out-of-order",
                    state == State.NEW
                            ? "first message is " + kind + ", expected HELLO"
                            : "HELLO as message " + (index + 1) + ", expected only as the first");
        }
        switch (kind) {
            case HELLO -> welcome(Greeting.checked(message.getHello(), address));
            case DELIVERY -> {
                return delivered(message.getDelivery());
            }
            case LOSS -> {
                return lost(message.getLoss());
            }
            case STATUS -> status(message.getStatus());
            case COMMAND_RESULT, CONFIG_REPORT ->
                DownwardMessages.heard(parts, orBug(hello).agent(), message);
            case CLOCK_PROBE -> reply(message.getClockProbe().getT1Ns(), index);
            case GOODBYE -> finish(null);
            case MESSAGE_NOT_SET -> parts.metrics().unknownMessages.inc(); // of a later version: not ours to judge
        }
        return null;
    }

    private void welcome(AgentHello greeted) throws ProtocolException {
        hello = greeted;
        try {
            parts.gate().admit(greeted.agent(), peer);
        } catch (AccessDeniedException e) {
            throw new ProtocolException("forbidden", Status.PERMISSION_DENIED.withDescription(e.getMessage()));
        }
        Refusal refusal =
                parts.sessions().refusal(greeted.agent(), parts.nanoTime().getAsLong());
        if (refusal != null) {
            finish(parts.retryAfter(refusal));
            return;
        }
        Origin from = new Origin(greeted.agent(), greeted.epoch());
        List<SequenceRange> received = parts.writer().received(from);
        long end = Math.max(
                received.isEmpty() ? 0 : received.get(received.size() - 1).end(),
                parts.directory().told(greeted.agent(), greeted.epoch()));
        if (end > greeted.nextSequence()) {
            throw new ProtocolException(
                    "outbox-went-back",
                    Status.FAILED_PRECONDITION.withDescription("hello: next sequence " + greeted.nextSequence()
                            + " of epoch " + greeted.epoch() + " is below " + end
                            + ", up to which readings of this epoch are known: the outbox went back in time;"
                            + " expected a fresh epoch"));
        }
        origin = from;
        told = greeted.nextSequence();
        limits = parts.limits(greeted.agent());
        pacing.limit(parts.rate(greeted.agent()));
        state = State.OPEN;
        AgentStream previous = parts.sessions().register(greeted.agent(), this);
        if (previous != null) {
            parts.metrics().takeovers.inc();
            previous.takenOver(address);
        }
        link = parts.directory().connect(greeted, EpochNanos.of(parts.clock().instant()));
        creditBytes = credit(parts.sessions().creditBytes());
        grantedMaxBytes = creditBytes;
        CollectorMessage answer = CollectorMessage.newBuilder()
                .setWelcome(Greeting.welcome(
                        parts.collector(),
                        parts.version(),
                        creditBytes,
                        (int) parts.options().batchBytesMax().bytes(),
                        received))
                .build();
        outbound.send(() -> answer);
        port = new DownwardMessages(outbound, parts.clock());
        parts.downlink().connected(greeted.agent(), port);
        LOG.info("agent {} epoch {} connected from {}", greeted.agent(), greeted.epoch(), address);
    }

    private Flight delivered(Delivery delivery) throws ProtocolException {
        byte[] bytes = delivery.getBatch().toByteArray();
        long nowNs = EpochNanos.of(parts.clock().instant());
        Arrival arrival = Arrival.of(delivery.getFirstSequence(), delivery.getReadingCount(), bytes, nowNs);
        long max = pipe.inFlightMax(
                grantedMaxBytes, parts.options().agentInFlightMax().bytes());
        if (inFlight.get() > 0 && inFlightBytes.get() + bytes.length > max) {
            throw new ProtocolException(
                    "credit-overrun",
                    Status.RESOURCE_EXHAUSTED.withDescription("delivery of " + bytes.length + " bytes at sequence "
                            + arrival.range().first() + " with " + inFlightBytes.get()
                            + " bytes unacknowledged, expected at most " + max + " bytes together"));
        }
        tell(arrival.range().end());
        if (delivery.getClockShiftNs() != 0 || delivery.getClockErrorNs() != 0) {
            orBug(link).shifted(arrival.range(), delivery.getClockShiftNs(), delivery.getClockErrorNs(), nowNs);
        }
        parts.metrics().deliveries.inc();
        parts.metrics().deliveredBytes.inc(bytes.length);
        pacing.delivered(arrival.range().count(), bytes.length);
        return Flight.of(parts, this, orBug(origin), arrival, orBug(limits));
    }

    private @Nullable Flight lost(Loss loss) throws ProtocolException {
        SequenceRange range;
        try {
            range = new SequenceRange(
                    loss.getRange().getFirst(), loss.getRange().getCount());
        } catch (IllegalArgumentException e) {
            throw ProtocolException.invalid("bad-loss", "loss: " + e.getMessage());
        }
        if (loss.getEpoch() != 0) {
            return lostEarlier(loss.getEpoch(), range, loss.getCause());
        }
        if (range.end() > told) {
            throw ProtocolException.invalid(
                    "bad-loss", "loss of " + range + ", expected sequences below the next one, " + told);
        }
        return Flight.of(parts, this, orBug(origin), range, Causes.told(loss.getCause()));
    }

    /** Of an outbox that was damaged: what is not known of it otherwise will never arrive. */
    private @Nullable Flight lostEarlier(long epoch, SequenceRange range, String cause) throws ProtocolException {
        AgentHello who = orBug(hello);
        if (epoch >= who.epoch()) {
            throw ProtocolException.invalid(
                    "bad-loss", "loss in epoch " + epoch + ", expected one before the session's, " + who.epoch());
        }
        long end = Math.min(range.end(), parts.directory().told(who.agent(), epoch));
        if (end <= range.first()) {
            outbound.acknowledgeEarlier(epoch, range);
            return null;
        }
        Origin from = new Origin(who.agent(), epoch);
        SequenceRange known = SequenceRange.between(range.first(), end);
        return Flight.of(parts, this, from, known, Causes.told(cause), () -> outbound.acknowledgeEarlier(epoch, range));
    }

    private void status(io.tributary.proto.v1.Status message) throws ProtocolException {
        if (message.getNextSequence() < 0) {
            throw ProtocolException.invalid("bad-status", "status: next sequence is above 2^63 - 1");
        }
        tell(message.getNextSequence());
        AgentStatus status =
                StatusMessage.read(message, EpochNanos.of(parts.clock().instant()));
        orBug(link).status(status);
    }

    private void reply(long t1, int index) {
        long received = arrivals == null ? EpochNanos.of(parts.clock().instant()) : arrivals.arrivalTimeNs(index);
        outbound.send(() -> CollectorMessage.newBuilder()
                .setClockReply(ClockReply.newBuilder()
                        .setT1Ns(t1)
                        .setT2Ns(received)
                        .setT3Ns(EpochNanos.of(parts.clock().instant())))
                .build());
    }

    private void tell(long nextSequence) {
        if (nextSequence > told) {
            told = nextSequence;
            orBug(link).told(nextSequence, EpochNanos.of(parts.clock().instant()));
        }
    }

    // ---- flights ----

    void departed(long bytes) {
        inFlight.incrementAndGet();
        inFlightBytes.addAndGet(bytes);
    }

    /** A flight that had to wait has been handed to the writer. */
    void requestNext() {
        pacing.request();
    }

    void acknowledge(SequenceRange range, List<Rejection> rejections, long collectorTimeNs) {
        outbound.acknowledge(range, rejections, collectorTimeNs);
    }

    void landed(long bytes) {
        inFlightBytes.addAndGet(-bytes);
        if (inFlight.decrementAndGet() == 0) {
            finishWhenLanded();
        }
    }

    synchronized boolean isEnded() {
        return state == State.ENDED;
    }

    // ---- the end ----

    @Override
    public void completed() {
        finish(null);
    }

    @Override
    public void gone() {
        outbound.discard();
        ended();
    }

    /** Stops reading, acknowledges what is in flight, says {@code last} and ends the call. */
    void finish(@Nullable CollectorMessage last) {
        synchronized (this) {
            if (state == State.FINISHING || state == State.ENDED) {
                return;
            }
            state = State.FINISHING;
            farewell = last;
        }
        finishWhenLanded();
    }

    private void finishWhenLanded() {
        CollectorMessage last;
        synchronized (this) {
            if (state != State.FINISHING || inFlight.get() > 0) {
                return;
            }
            last = farewell;
        }
        outbound.finish(last);
        ended();
    }

    void takenOver(String by) {
        LOG.info("stream of {} from {} ended: taken over from {}", name(), address, by);
        fail(Status.ABORTED.withDescription("another session of this agent was opened from " + by));
    }

    void fail(Status status) {
        outbound.fail(status);
        ended();
    }

    private void ended() {
        AgentLink open;
        AgentHello who;
        DownwardMessages to;
        synchronized (this) {
            if (state == State.ENDED) {
                return;
            }
            state = State.ENDED;
            open = link;
            who = hello;
            to = port;
        }
        pacing.ended();
        parts.sessions().ended(this, who == null ? null : who.agent());
        if (who != null && to != null) {
            parts.downlink().disconnected(who.agent(), to);
        }
        if (open != null) {
            open.close(EpochNanos.of(parts.clock().instant()));
        }
    }

    // ---- the timer ----

    private long credit(long shareBytes) {
        return pacing.creditBytes(shareBytes, parts.options().batchBytesMax().bytes());
    }

    void tick(long nowNanos, long shareBytes) {
        pacing.tick(nowNanos);
        long newCreditBytes = credit(shareBytes);
        boolean greeted;
        boolean grant = false;
        synchronized (this) {
            greeted = state != State.NEW;
            if (state == State.OPEN && newCreditBytes != creditBytes) {
                creditBytes = newCreditBytes;
                grantedMaxBytes = Math.max(grantedMaxBytes, newCreditBytes);
                grant = true;
            }
        }
        if (grant) {
            outbound.send(() -> CollectorMessage.newBuilder()
                    .setCredit(Credit.newBuilder().setCreditBytes(newCreditBytes))
                    .build());
        }
        String agent = who();
        if (agent != null && !parts.gate().isAdmitted(agent)) {
            fail(Status.PERMISSION_DENIED.withDescription("agent " + agent + " was revoked"));
        } else if (!greeted
                && nowNanos - openedNanos > parts.options().helloTimeout().toNanos()) {
            fail(Status.DEADLINE_EXCEEDED.withDescription(
                    "no hello within " + parts.options().helloTimeout().toMillis() + " ms"));
        } else if (nowNanos - heardNanos > parts.options().silenceMax().toNanos() && inFlight.get() == 0) {
            fail(Status.DEADLINE_EXCEEDED.withDescription(
                    "no message for " + parts.options().silenceMax().toMillis() + " ms"));
        }
    }

    private synchronized @Nullable String who() {
        return hello == null || state == State.NEW ? null : hello.agent();
    }

    private synchronized String name() {
        return hello == null ? "an agent without hello, " + address + "," : hello.agent();
    }

    private static <T> T orBug(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("BUG: a message was handled before the hello");
        }
        return value;
    }
}
