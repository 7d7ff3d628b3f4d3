package io.tributary.agent.uplink;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tributary.config.HostPort;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockReply;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.SequenceRange;
import io.tributary.proto.v1.Welcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A collector that acknowledges everything and keeps nothing, for {@code edge-agent rehearse}: half of the classes that an
 * agent uses it uses for the first time when it is connected.
 */
public final class RehearsalCollector implements AutoCloseable {
    private static final int CREDIT_BYTES = 1 << 20;

    private final Server server;
    private final CountDownLatch acknowledged = new CountDownLatch(1);

    private RehearsalCollector() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new IngestGrpc.IngestImplBase() {
                    @Override
                    public StreamObserver<AgentMessage> connect(StreamObserver<CollectorMessage> out) {
                        return new Session(out);
                    }
                })
                .build()
                .start();
    }

    /** On a free port of the loopback address. */
    public static RehearsalCollector start() throws IOException {
        return new RehearsalCollector();
    }

    public HostPort address() {
        return new HostPort(InetAddress.getLoopbackAddress().getHostAddress(), server.getPort());
    }

    /** False when nothing came in this time. */
    public boolean awaitDelivery(long millis) throws InterruptedException {
        return acknowledged.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Session implements StreamObserver<AgentMessage> {
        private final StreamObserver<CollectorMessage> out;

        Session(StreamObserver<CollectorMessage> out) {
            this.out = out;
        }

        @Override
        public void onNext(AgentMessage message) {
            CollectorMessage.Builder reply = CollectorMessage.newBuilder();
            switch (message.getMessageCase()) {
                case HELLO ->
                    reply.setWelcome(Welcome.newBuilder()
                            .setCollector("rehearsal")
                            .setVersion("rehearsal")
                            .setCreditBytes(CREDIT_BYTES)
                            .setBatchBytesMax(CREDIT_BYTES));
                case DELIVERY -> reply.setAcknowledgement(acknowledgement(message.getDelivery()));
                case CLOCK_PROBE ->
                    reply.setClockReply(ClockReply.newBuilder()
                            .setT1Ns(message.getClockProbe().getT1Ns())
                            .setT2Ns(message.getClockProbe().getT1Ns())
                            .setT3Ns(message.getClockProbe().getT1Ns()));
                default -> {
                    return; // wants no answer
                }
            }
            out.onNext(reply.build());
            if (message.hasDelivery()) {
                acknowledged.countDown();
            }
        }

        private Acknowledgement acknowledgement(Delivery delivery) {
            return Acknowledgement.newBuilder()
                    .addRanges(SequenceRange.newBuilder()
                            .setFirst(delivery.getFirstSequence())
                            .setCount(delivery.getReadingCount()))
                    .build();
        }

        @Override
        public void onError(Throwable cause) {
            // The agent has ended without a word, as it may.
        }

        @Override
        public void onCompleted() {
            out.onCompleted();
        }
    }
}
