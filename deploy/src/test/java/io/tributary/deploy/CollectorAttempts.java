package io.tributary.deploy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.pki.CertificateRequest;
import io.tributary.pki.Keys;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.Batch;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.CommitBookmarkRequest;
import io.tributary.proto.v1.Compression;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.EnrolRequest;
import io.tributary.proto.v1.EnrolmentGrpc;
import io.tributary.proto.v1.EraseRequest;
import io.tributary.proto.v1.GetDeviceRequest;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.ListAgentsRequest;
import io.tributary.proto.v1.ListDevicesRequest;
import io.tributary.proto.v1.QueryGrpc;
import io.tributary.proto.v1.RenewRequest;
import io.tributary.proto.v1.StreamGrpc;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The calls of a collector as anybody could make them. */
record CollectorAttempts(X509Certificate authority, int grpcPort, int httpPort, AtomicLong epochs) {
    private static final int PATIENCE_SECONDS = 30;

    private interface Call {
        Outcome make(ManagedChannel channel) throws Exception;
    }

    private Outcome over(@Nullable Identity own, Call call) throws Exception {
        SslContextBuilder tls = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .trustManager(authority);
        if (own != null) {
            tls.keyManager(own.keys());
        }
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
                .sslContext(tls.build())
                .disableRetry()
                .build();
        try {
            return call.make(channel);
        } catch (StatusRuntimeException e) {
            return outcome(e.getStatus());
        } finally {
            channel.shutdownNow();
            channel.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Outcome outcome(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> Outcome.ALERT;
            case NOT_FOUND -> new Outcome("nothing", String.valueOf(status.getDescription()));
            default -> new Outcome(status.getCode().name(), String.valueOf(status.getDescription()));
        };
    }

    /** Hello as {@code agent}, and a reading of {@code device}. */
    Outcome ingest(@Nullable Identity own, String agent, String device) throws Exception {
        return over(own, channel -> {
            BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
            StreamObserver<AgentMessage> out = IngestGrpc.newStub(channel).connect(new Heard(heard));
            out.onNext(AgentMessage.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setAgent(agent)
                            .setEpoch(epochs.incrementAndGet())
                            .setVersion("matrix"))
                    .build());
            for (Object each = next(heard); ; each = next(heard)) {
                if (each instanceof Throwable failure) {
                    return outcome(Status.fromThrowable(failure));
                }
                CollectorMessage message = (CollectorMessage) each;
                if (message.hasWelcome()) {
                    long now = TimeUnit.MILLISECONDS.toNanos(Instant.now().toEpochMilli());
                    BatchBuilder batch = new BatchBuilder();
                    batch.row(Device.of(device), now, now).set("t", 1.0);
                    out.onNext(AgentMessage.newBuilder()
                            .setDelivery(Delivery.newBuilder()
                                    .setReadingCount(1)
                                    .setBatch(ByteString.copyFrom(BatchCodec.encode(batch.build()))))
                            .build());
                } else if (message.hasAcknowledgement()) {
                    var rejections = message.getAcknowledgement().getRejectionsList();
                    return rejections.isEmpty()
                            ? Outcome.TAKEN
                            : new Outcome("dead letter", rejections.get(0).getDetail());
                }
            }
        });
    }

    /**
     * Batches that claim to be small and are not.
     *
     * @return taken when the collector has said of each that it did not take its readings
     */
    Outcome bombs(Identity own, String agent, byte[] packed, int count) throws Exception {
        AtomicLong refused = new AtomicLong();
        return over(own, channel -> {
            BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
            StreamObserver<AgentMessage> out = IngestGrpc.newStub(channel).connect(new Heard(heard));
            out.onNext(AgentMessage.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setAgent(agent)
                            .setEpoch(epochs.incrementAndGet())
                            .setVersion("flood"))
                    .build());
            if (next(heard) instanceof Throwable failure) {
                return outcome(Status.fromThrowable(failure));
            }
            for (int i = 0; i < count; i++) {
                out.onNext(bomb(packed, i));
            }
            while (refused.get() < count) {
                if (next(heard) instanceof CollectorMessage message) {
                    refused.addAndGet(message.getAcknowledgement().getRejectionsCount());
                } else {
                    return new Outcome("closed", "");
                }
            }
            return Outcome.TAKEN;
        });
    }

    private static AgentMessage bomb(byte[] packed, int index) {
        CRC32C crc = new CRC32C();
        crc.update(packed);
        Batch batch = Batch.newBuilder()
                .setFormat(1)
                .setReadingCount(10)
                .setCompression(Compression.COMPRESSION_ZSTD)
                .setBodySize(index % 2 == 0 ? 1000 : 64 << 20)
                .setBodyCrc((int) crc.getValue())
                .setBody(ByteString.copyFrom(packed))
                .build();
        return AgentMessage.newBuilder()
                .setDelivery(Delivery.newBuilder()
                        .setFirstSequence(10L * index)
                        .setReadingCount(10)
                        .setBatch(batch.toByteString()))
                .build();
    }

    private static Object next(BlockingQueue<Object> heard) throws InterruptedException {
        return Objects.requireNonNull(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "no answer");
    }

    private record Heard(BlockingQueue<Object> queue) implements StreamObserver<CollectorMessage> {
        @Override
        public void onNext(CollectorMessage message) {
            queue.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            queue.add(failure);
        }

        @Override
        public void onCompleted() {
            queue.add(new IllegalStateException("the collector ended the stream"));
        }
    }

    Outcome enrol(@Nullable Identity own, String agent, byte[] secret) throws Exception {
        KeyPair keys = Keys.create();
        return over(own, channel -> {
            EnrolmentGrpc.newBlockingStub(channel)
                    .enrol(EnrolRequest.newBuilder()
                            .setAgent(agent)
                            .setSecret(ByteString.copyFrom(secret))
                            .setCertificateRequest(ByteString.copyFrom(CertificateRequest.create(keys, agent)))
                            .build());
            return Outcome.TAKEN;
        });
    }

    Outcome renew(@Nullable Identity own) throws Exception {
        KeyPair keys = Keys.create();
        return over(own, channel -> {
            EnrolmentGrpc.newBlockingStub(channel)
                    .renew(RenewRequest.newBuilder()
                            .setCertificateRequest(ByteString.copyFrom(CertificateRequest.create(keys, "anybody")))
                            .build());
            return Outcome.TAKEN;
        });
    }

    Outcome query(@Nullable Identity own, @Nullable String token) throws Exception {
        return over(own, channel -> {
            with(token, QueryGrpc.newBlockingStub(channel))
                    .listDevices(ListDevicesRequest.getDefaultInstance())
                    .forEachRemaining(device -> {});
            return Outcome.TAKEN;
        });
    }

    Outcome queryAgents(@Nullable String token) throws Exception {
        return over(null, channel -> {
            with(token, QueryGrpc.newBlockingStub(channel))
                    .listAgents(ListAgentsRequest.getDefaultInstance())
                    .forEachRemaining(agent -> {});
            return Outcome.TAKEN;
        });
    }

    Outcome queryDevice(@Nullable String token, String device) throws Exception {
        return over(null, channel -> {
            with(token, QueryGrpc.newBlockingStub(channel))
                    .getDevice(GetDeviceRequest.newBuilder().setId(device).build());
            return Outcome.TAKEN;
        });
    }

    Outcome bookmark(@Nullable Identity own, @Nullable String token) throws Exception {
        return over(own, channel -> {
            with(token, StreamGrpc.newBlockingStub(channel))
                    .commitBookmark(
                            CommitBookmarkRequest.newBuilder().setName("matrix").build());
            return Outcome.TAKEN;
        });
    }

    Outcome erase(@Nullable String token) throws Exception {
        return over(null, channel -> {
            with(token, StreamGrpc.newBlockingStub(channel))
                    .erase(EraseRequest.newBuilder().setDevice("nobody").build());
            return Outcome.TAKEN;
        });
    }

    private static <S extends AbstractStub<S>> S with(@Nullable String token, S stub) {
        if (token == null) {
            return stub;
        }
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    Outcome http(String method, String path, @Nullable String token) throws Exception {
        return new HttpsCall(authority, httpPort).make(method, path, "", token, null);
    }
}
