package io.tributary.collector.ingest;

import io.grpc.Status;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Rejection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the collector has to say on one stream. Any thread puts in, only the {@code ingest-ack} thread sends, and only
 * while the peer takes it: acknowledgements that wait are merged into ranges, so that a slow reader costs a list of
 * ranges and not a queue of messages.
 *
 * <pre>
 * writer's thread --acknowledge--> pending ranges --\
 * decode threads  --send---------> control queue ----> drain (ingest-ack) -> pipe
 * timer           --finish/fail--> end -------------/
 * </pre>
 */
final class Outbound {
    /** Keeps an acknowledgement far below the agent's message limit: a range takes at most 20 bytes. */
    private static final int RANGES_PER_MESSAGE = 1_000;
    /** Clock replies and credits; an agent that probes without reading loses the surplus, not the collector's memory. */
    private static final int CONTROLS_MAX = 64;
    /** Commands and a desired configuration, twice. */
    private static final int ORDERS_MAX = 512;

    private final AgentPipe pipe;
    private final Executor ackThread;
    private final IngestMetrics metrics;

    // Guarded by this.
    private List<SequenceRange> ranges = new ArrayList<>();
    private List<Rejection> rejections = new ArrayList<>();
    private final TreeMap<Long, List<SequenceRange>> earlier = new TreeMap<>();
    private long collectorTimeNs;
    private final ArrayDeque<Supplier<CollectorMessage>> controls = new ArrayDeque<>();
    private final ArrayDeque<Supplier<CollectorMessage>> orders = new ArrayDeque<>();
    private boolean scheduled;
    private @Nullable End end;
    private boolean closed;

    /** @param status OK: acknowledgements go out first, then {@code last} */
    private record End(Status status, @Nullable CollectorMessage last) {}

    Outbound(AgentPipe pipe, Executor ackThread, IngestMetrics metrics) {
        this.pipe = pipe;
        this.ackThread = ackThread;
        this.metrics = metrics;
    }

    void acknowledge(SequenceRange range, List<Rejection> rejected, long timeNs) {
        synchronized (this) {
            if (closed) {
                return;
            }
            ranges.add(range);
            rejections.addAll(rejected);
            collectorTimeNs = Math.max(collectorTimeNs, timeNs);
        }
        schedule();
    }

    /** As {@link #send}, behind everything else; the surplus is dropped, its sender sends it again. */
    void sendOrder(Supplier<CollectorMessage> message) {
        synchronized (this) {
            if (closed || orders.size() >= ORDERS_MAX) {
                return;
            }
            orders.add(message);
        }
        schedule();
    }

    /** Of an earlier epoch of the agent; told apart. */
    void acknowledgeEarlier(long epoch, SequenceRange range) {
        synchronized (this) {
            if (closed) {
                return;
            }
            earlier.computeIfAbsent(epoch, unused -> new ArrayList<>()).add(range);
        }
        schedule();
    }

    /** @param message built when it is sent, so that a stamp in it is right */
    void send(Supplier<CollectorMessage> message) {
        synchronized (this) {
            if (closed || controls.size() >= CONTROLS_MAX) {
                return;
            }
            controls.add(message);
        }
        schedule();
    }

    /** Sends what is pending, then {@code last}, then ends the call well. Later calls change nothing. */
    void finish(@Nullable CollectorMessage last) {
        end(new End(Status.OK, last));
    }

    /** Ends the call with an error; pending acknowledgements are dropped: the agent delivers again. */
    void fail(Status status) {
        end(new End(status, null));
    }

    private void end(End how) {
        synchronized (this) {
            if (closed || end != null) {
                return;
            }
            end = how;
        }
        schedule();
    }

    /** The peer is gone. */
    synchronized void discard() {
        closed = true;
        ranges.clear();
        rejections.clear();
        earlier.clear();
        controls.clear();
        orders.clear();
    }

    /** Also when the pipe takes messages again. */
    void schedule() {
        synchronized (this) {
            if (scheduled || closed) {
                return;
            }
            scheduled = true;
        }
        ackThread.execute(this::drain);
    }

    private void drain() {
        synchronized (this) {
            scheduled = false;
        }
        End how;
        synchronized (this) {
            how = end;
        }
        if (how != null && !how.status.isOk()) {
            close(how);
            return;
        }
        // An ending call is emptied whether or not the peer is ready: what is left is bounded and small.
        while (how != null || pipe.isReady()) {
            CollectorMessage next = next();
            if (next == null) {
                break;
            }
            pipe.send(next);
        }
        if (how != null) {
            close(how);
        }
    }

    private void close(End how) {
        synchronized (this) {
            if (closed) {
                return;
            }
            discard();
        }
        if (how.last != null) {
            pipe.send(how.last);
        }
        if (how.status.isOk()) {
            pipe.complete();
        } else {
            pipe.fail(how.status);
        }
    }

    private @Nullable CollectorMessage next() {
        Supplier<CollectorMessage> control;
        synchronized (this) {
            if (closed) {
                return null;
            }
            control = controls.poll();
            if (control == null) {
                CollectorMessage acknowledgement = acknowledgement();
                control = acknowledgement == null ? orders.poll() : () -> acknowledgement;
            }
            if (control == null) {
                return null;
            }
        }
        return control.get();
    }

    private @Nullable CollectorMessage acknowledgement() {
        if (ranges.isEmpty() && rejections.isEmpty()) {
            return earlierAcknowledgement();
        }
        List<SequenceRange> merged = merge(ranges);
        List<SequenceRange> now = merged.subList(0, Math.min(merged.size(), RANGES_PER_MESSAGE));
        List<Rejection> told = rejections.subList(0, Math.min(rejections.size(), RANGES_PER_MESSAGE));
        Acknowledgement.Builder message =
                Acknowledgement.newBuilder().setCollectorTimeNs(collectorTimeNs).addAllRejections(told);
        for (SequenceRange range : now) {
            message.addRanges(toProto(range));
        }
        metrics.acknowledgements.inc();
        ranges = new ArrayList<>(merged.subList(now.size(), merged.size()));
        rejections = new ArrayList<>(rejections.subList(told.size(), rejections.size()));
        return CollectorMessage.newBuilder().setAcknowledgement(message).build();
    }

    private @Nullable CollectorMessage earlierAcknowledgement() {
        Map.Entry<Long, List<SequenceRange>> first = earlier.pollFirstEntry();
        if (first == null) {
            return null;
        }
        List<SequenceRange> now =
                first.getValue().subList(0, Math.min(first.getValue().size(), RANGES_PER_MESSAGE));
        if (now.size() < first.getValue().size()) {
            earlier.put(
                    first.getKey(),
                    new ArrayList<>(first.getValue()
                            .subList(now.size(), first.getValue().size())));
        }
        Acknowledgement.Builder message = Acknowledgement.newBuilder().setEpoch(first.getKey());
        now.forEach(range -> message.addRanges(toProto(range)));
        metrics.acknowledgements.inc();
        return CollectorMessage.newBuilder().setAcknowledgement(message).build();
    }

    /** Ascending, adjacent and overlapping ranges as one. */
    static List<SequenceRange> merge(List<SequenceRange> ranges) {
        List<SequenceRange> sorted = new ArrayList<>(ranges);
        Collections.sort(sorted);
        List<SequenceRange> merged = new ArrayList<>(sorted.size());
        for (SequenceRange range : sorted) {
            SequenceRange last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.first() <= last.end()) {
                merged.set(merged.size() - 1, SequenceRange.between(last.first(), Math.max(last.end(), range.end())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }

    static io.tributary.proto.v1.SequenceRange toProto(SequenceRange range) {
        return io.tributary.proto.v1.SequenceRange.newBuilder()
                .setFirst(range.first())
                .setCount(range.count())
                .build();
    }
}
