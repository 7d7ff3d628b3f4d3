package io.tributary.agent.uplink;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tributary.config.HostPort;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockReply;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.RetryAfter;
import io.tributary.proto.v1.SequenceRange;
import io.tributary.proto.v1.Welcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The other end of the wire: keeps what it acknowledged, and misbehaves as a seed says. */
final class FakeCollector extends IngestGrpc.IngestImplBase implements AutoCloseable {
    private final SplittableRandom random;
    private final double faults;
    private final long credit;
    private @Nullable Server server;

    // Guarded by this.
    final TreeMap<Long, Delivery> durable = new TreeMap<>();
    final List<Hello> hellos = new ArrayList<>();
    final List<io.tributary.proto.v1.Loss> losses = new ArrayList<>();
    final List<io.tributary.proto.v1.Status> statuses = new ArrayList<>();
    final List<Delivery> order = Collections.synchronizedList(new ArrayList<>());
    long inFlightMax;
    boolean mute;

    FakeCollector(long seed, double faults, long credit) {
        this.random = new SplittableRandom(seed);
        this.faults = faults;
        this.credit = credit;
    }

    HostPort start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
        return new HostPort("127.0.0.1", server.getPort());
    }

    synchronized long readings() {
        return durable.values().stream().mapToLong(Delivery::getReadingCount).sum();
    }

    synchronized List<io.tributary.proto.v1.Status> statuses() {
        return List.copyOf(statuses);
    }

    synchronized List<io.tributary.proto.v1.Loss> losses() {
        return List.copyOf(losses);
    }

    synchronized int sessions() {
        return hellos.size();
    }

    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<CollectorMessage> out) {
        return new Session(out);
    }

    private final class Session implements StreamObserver<AgentMessage> {
        private final StreamObserver<CollectorMessage> out;
        private final List<Delivery> unacknowledged = new ArrayList<>();
        private long inFlight;
        private boolean over;

        Session(StreamObserver<CollectorMessage> out) {
            this.out = out;
        }

        @Override
        public void onNext(AgentMessage message) {
            synchronized (FakeCollector.this) {
                if (over) {
                    return;
                }
                if (random.nextDouble() < faults) {
                    misbehave();
                    return;
                }
                switch (message.getMessageCase()) {
                    case HELLO -> welcome(message.getHello());
                    case DELIVERY -> delivered(message.getDelivery());
                    case LOSS -> {
                        losses.add(message.getLoss());
                        acknowledge(message.getLoss().getRange());
                    }
                    case STATUS -> statuses.add(message.getStatus());
                    case CLOCK_PROBE ->
                        out.onNext(CollectorMessage.newBuilder()
                                .setClockReply(ClockReply.newBuilder()
                                        .setT1Ns(message.getClockProbe().getT1Ns())
                                        .setT2Ns(message.getClockProbe().getT1Ns() + 5_000_000_000L)
                                        .setT3Ns(message.getClockProbe().getT1Ns() + 5_000_000_000L))
                                .build());
                    default -> throw new AssertionError(message);
                }
            }
        }

        private void misbehave() {
            over = true;
            switch (random.nextInt(3)) {
                case 0 -> out.onError(Status.UNAVAILABLE.asRuntimeException());
                case 1 -> {
                    out.onNext(CollectorMessage.newBuilder()
                            .setRetryAfter(RetryAfter.newBuilder().setDelayMillis(2))
                            .build());
                    out.onCompleted();
                }
                default -> {
                    // Says nothing more: only the progress time-out helps.
                }
            }
        }

        private void welcome(Hello hello) {
            hellos.add(hello);
            Welcome.Builder welcome = Welcome.newBuilder()
                    .setCollector("fake")
                    .setCreditBytes(credit)
                    .setBatchBytesMax(4 << 20);
            durable.forEach((first, delivery) -> welcome.addReceived(range(first, delivery.getReadingCount())));
            out.onNext(CollectorMessage.newBuilder().setWelcome(welcome).build());
        }

        private void delivered(Delivery delivery) {
            order.add(delivery);
            unacknowledged.add(delivery);
            inFlight += delivery.getBatch().size();
            inFlightMax = Math.max(inFlightMax, unacknowledged.size() > 1 ? inFlight : 0);
            if (!mute && random.nextInt(3) == 0) {
                for (Delivery each : unacknowledged) {
                    durable.put(each.getFirstSequence(), each);
                }
                if (random.nextInt(10) > 0) { // else the acknowledgement is lost with the connection
                    for (Delivery each : unacknowledged) {
                        acknowledge(range(each.getFirstSequence(), each.getReadingCount()));
                    }
                } else if (faults > 0) {
                    misbehave();
                }
                unacknowledged.clear();
                inFlight = 0;
            } else if (!mute && (inFlight >= credit / 2 || faults == 0)) {
                for (Delivery each : unacknowledged) {
                    durable.put(each.getFirstSequence(), each);
                    acknowledge(range(each.getFirstSequence(), each.getReadingCount()));
                }
                unacknowledged.clear();
                inFlight = 0;
            }
        }

        private void acknowledge(SequenceRange range) {
            out.onNext(CollectorMessage.newBuilder()
                    .setAcknowledgement(Acknowledgement.newBuilder().addRanges(range))
                    .build());
        }

        private static SequenceRange range(long first, long count) {
            return SequenceRange.newBuilder().setFirst(first).setCount(count).build();
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
            synchronized (FakeCollector.this) {
                if (!over) {
                    over = true;
                    out.onCompleted();
                }
            }
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.shutdownNow();
        }
    }
}
