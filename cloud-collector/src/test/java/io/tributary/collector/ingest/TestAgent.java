package io.tributary.collector.ingest;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.tributary.model.BatchCodec;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockProbe;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.Loss;
import io.tributary.proto.v1.Rejection;
import io.tributary.proto.v1.Welcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The agent's end of the wire, without an agent: says exactly what a test wants said, and keeps what it hears. */
final class TestAgent implements AutoCloseable, StreamObserver<CollectorMessage> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManagedChannel channel;
    private final StreamObserver<AgentMessage> out;
    // Guarded by this.
    private final List<CollectorMessage> heard = new ArrayList<>();
    private @Nullable Status end;

    TestAgent(int port) {
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        out = IngestGrpc.newStub(channel).connect(this);
    }

    static TestAgent greeted(int port, String agent, long epoch, long nextSequence) {
        TestAgent client = new TestAgent(port);
        client.hello(agent, epoch, nextSequence, 0);
        client.welcome();
        return client;
    }

    void send(AgentMessage message) {
        out.onNext(message);
    }

    void hello(String agent, long epoch, long next, long oldest) {
        send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setAgent(agent)
                        .setEpoch(epoch)
                        .setNextSequence(next)
                        .setOldestSequence(oldest)
                        .setVersion("test"))
                .build());
    }

    /** @param count 0: not told */
    void deliver(long first, long count, byte[] batch) {
        send(AgentMessage.newBuilder()
                .setDelivery(Delivery.newBuilder()
                        .setFirstSequence(first)
                        .setReadingCount(count)
                        .setBatch(ByteString.copyFrom(batch)))
                .build());
    }

    void deliver(long first, byte[] batch) {
        try {
            deliver(first, BatchCodec.readingCount(batch), batch);
        } catch (InvalidBatchException e) {
            throw new AssertionError(e);
        }
    }

    void lose(long first, long count, String cause) {
        send(AgentMessage.newBuilder()
                .setLoss(Loss.newBuilder()
                        .setRange(io.tributary.proto.v1.SequenceRange.newBuilder()
                                .setFirst(first)
                                .setCount(count))
                        .setCause(cause))
                .build());
    }

    /** Of an earlier epoch. */
    void lose(long epoch, long first, long count, String cause) {
        send(AgentMessage.newBuilder()
                .setLoss(Loss.newBuilder()
                        .setEpoch(epoch)
                        .setRange(io.tributary.proto.v1.SequenceRange.newBuilder()
                                .setFirst(first)
                                .setCount(count))
                        .setCause(cause))
                .build());
    }

    boolean isAcknowledgedEarlier(long epoch, long first, long count) {
        return heard().stream()
                .filter(each ->
                        each.hasAcknowledgement() && each.getAcknowledgement().getEpoch() == epoch)
                .flatMap(each -> each.getAcknowledgement().getRangesList().stream())
                .anyMatch(range -> range.getFirst() <= first && range.getFirst() + range.getCount() >= first + count);
    }

    void probe(long t1) {
        send(AgentMessage.newBuilder()
                .setClockProbe(ClockProbe.newBuilder().setT1Ns(t1))
                .build());
    }

    void complete() {
        out.onCompleted();
    }

    // ---- what was heard ----

    Welcome welcome() {
        return first(CollectorMessage.MessageCase.WELCOME).getWelcome();
    }

    CollectorMessage first(CollectorMessage.MessageCase kind) {
        await().atMost(PATIENCE)
                .until(() -> heard().stream().anyMatch(each -> each.getMessageCase() == kind) || ended());
        return heard().stream()
                .filter(each -> each.getMessageCase() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + ", stream ended with " + end));
    }

    /** Waits until every sequence of the range is acknowledged. */
    void awaitAcknowledged(long first, long count) {
        await().atMost(PATIENCE).until(() -> isAcknowledged(first, count) || ended());
        if (!isAcknowledged(first, count)) {
            throw new AssertionError(
                    "stream ended with " + end + " before [" + first + ", +" + count + ") was acknowledged");
        }
    }

    boolean isAcknowledged(long first, long count) {
        return acknowledged().stream().anyMatch(range -> range.first() <= first && range.end() >= first + count);
    }

    List<SequenceRange> acknowledged() {
        List<SequenceRange> ranges = new ArrayList<>();
        for (Acknowledgement acknowledgement : acknowledgements()) {
            acknowledgement
                    .getRangesList()
                    .forEach(range -> ranges.add(new SequenceRange(range.getFirst(), range.getCount())));
        }
        return Outbound.merge(ranges);
    }

    List<Acknowledgement> acknowledgements() {
        return heard().stream()
                .filter(CollectorMessage::hasAcknowledgement)
                .map(CollectorMessage::getAcknowledgement)
                .toList();
    }

    List<Rejection> rejections() {
        return acknowledgements().stream()
                .flatMap(each -> each.getRejectionsList().stream())
                .toList();
    }

    synchronized List<CollectorMessage> heard() {
        return List.copyOf(heard);
    }

    synchronized boolean ended() {
        return end != null;
    }

    /** Waits for the end of the stream. */
    Status end() {
        await().atMost(PATIENCE).until(this::ended);
        synchronized (this) {
            return java.util.Objects.requireNonNull(end);
        }
    }

    @Override
    public synchronized void onNext(CollectorMessage message) {
        heard.add(message);
    }

    @Override
    public synchronized void onError(Throwable cause) {
        end = Status.fromThrowable(cause);
    }

    @Override
    public synchronized void onCompleted() {
        end = Status.OK;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
