package io.tributary.sim.load;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.SequenceRange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One agent's stream: sends as far as the collector's credit goes and gRPC is ready, and takes note of what is
 * acknowledged. {@link #send} is called by one thread, the rest by gRPC's.
 */
final class LoadStream implements ClientResponseObserver<AgentMessage, CollectorMessage> {
    private static final long PATIENCE_MILLIS = 60_000;

    private final String agent;
    private final long epoch;
    private final LongSupplier nanoTime;
    private final AckTimes ackTimes;

    // guarded by this
    private @Nullable ClientCallStreamObserver<AgentMessage> call;
    private final TreeMap<Long, InFlight> inFlight = new TreeMap<>();
    private long inFlightBytes;
    private long creditBytes;
    private boolean welcome;
    private long nextSequence;
    private long rejected;
    private @Nullable String failure;

    private record InFlight(long end, int bytes, long sentNanos) {}

    LoadStream(String agent, long epoch, LongSupplier nanoTime, AckTimes ackTimes) {
        this.agent = agent;
        this.epoch = epoch;
        this.nanoTime = nanoTime;
        this.ackTimes = ackTimes;
    }

    void open(ManagedChannel channel) throws IOException, InterruptedException {
        IngestGrpc.newStub(channel).connect(this);
        synchronized (this) {
            call().onNext(AgentMessage.newBuilder()
                    .setHello(Hello.newBuilder().setAgent(agent).setEpoch(epoch).setVersion("load"))
                    .build());
            long deadline = nanoTime.getAsLong() + PATIENCE_MILLIS * 1_000_000;
            while (!welcome) {
                await(deadline);
            }
        }
    }

    /**
     * Sends all batches and waits until all are acknowledged.
     *
     * @param perSecond at this pace at most; 0 for as fast as it goes
     */
    void send(List<LoadBatch> batches, double perSecond) throws IOException, InterruptedException {
        long begin = nanoTime.getAsLong();
        long sent = 0;
        for (LoadBatch batch : batches) {
            if (perSecond > 0) {
                long due = begin + (long) (sent++ / perSecond * 1e9);
                for (long left = due - nanoTime.getAsLong(); left > 0; left = due - nanoTime.getAsLong()) {
                    LockSupport.parkNanos(left);
                }
            }
            AgentMessage message;
            ClientCallStreamObserver<AgentMessage> to;
            synchronized (this) {
                long deadline = nanoTime.getAsLong() + PATIENCE_MILLIS * 1_000_000;
                int bytes = batch.encoded().length;
                while (!call().isReady() || (!inFlight.isEmpty() && inFlightBytes + bytes > creditBytes)) {
                    await(deadline);
                }
                message = AgentMessage.newBuilder()
                        .setDelivery(Delivery.newBuilder()
                                .setFirstSequence(nextSequence)
                                .setReadingCount(batch.readings())
                                .setBatch(UnsafeByteOperations.unsafeWrap(batch.encoded())))
                        .build();
                long end = nextSequence + batch.readings();
                inFlight.put(nextSequence, new InFlight(end, bytes, nanoTime.getAsLong()));
                inFlightBytes += bytes;
                nextSequence = end;
                to = call();
            }
            to.onNext(message);
        }
        synchronized (this) {
            long deadline = nanoTime.getAsLong() + PATIENCE_MILLIS * 1_000_000;
            while (!inFlight.isEmpty()) {
                await(deadline);
            }
        }
    }

    /** Waits for news; guarded by this. */
    private void await(long deadline) throws IOException, InterruptedException {
        String failed = failure;
        if (failed != null) {
            throw new IOException("agent " + agent + ": " + failed);
        }
        long leftMillis = (deadline - nanoTime.getAsLong()) / 1_000_000;
        if (leftMillis <= 0) {
            throw new IOException("agent " + agent + ": nothing was acknowledged for " + PATIENCE_MILLIS + " ms, "
                    + inFlight.size() + " batches are on the way");
        }
        wait(leftMillis);
    }

    synchronized long rejected() {
        return rejected;
    }

    synchronized void close() {
        if (call != null) {
            call.onCompleted();
        }
    }

    private ClientCallStreamObserver<AgentMessage> call() {
        if (call == null) {
            throw new IllegalStateException("BUG: stream used before it was opened");
        }
        return call;
    }

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<AgentMessage> requests) {
        call = requests;
        requests.setOnReadyHandler(this::ready);
    }

    private synchronized void ready() {
        notifyAll();
    }

    @Override
    public synchronized void onNext(CollectorMessage message) {
        switch (message.getMessageCase()) {
            case WELCOME -> {
                creditBytes = message.getWelcome().getCreditBytes();
                welcome = true;
            }
            case CREDIT -> creditBytes = message.getCredit().getCreditBytes();
            case ACKNOWLEDGEMENT -> {
                message.getAcknowledgement().getRangesList().forEach(this::acknowledged);
                message.getAcknowledgement().getRejectionsList().forEach(each -> rejected += each.getReadings());
            }
            case RETRY_AFTER ->
                failure = "the collector asks to come back later: "
                        + message.getRetryAfter().getReason();
            default -> {
                return; // of no concern to a load
            }
        }
        notifyAll();
    }

    private void acknowledged(SequenceRange range) {
        Map<Long, InFlight> settled =
                inFlight.subMap(range.getFirst(), true, range.getFirst() + range.getCount(), false);
        long now = nanoTime.getAsLong();
        settled.values().removeIf(each -> {
            boolean whole = each.end <= range.getFirst() + range.getCount();
            if (whole) {
                inFlightBytes -= each.bytes;
                ackTimes.add(now - each.sentNanos);
            }
            return whole;
        });
    }

    @Override
    public synchronized void onError(Throwable cause) {
        failure = "the stream ended: " + Status.fromThrowable(cause);
        notifyAll();
    }

    @Override
    public synchronized void onCompleted() {
        failure = failure == null ? "the collector ended the stream" : failure;
        notifyAll();
    }
}
