package io.tributary.agent.uplink;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.config.HostPort;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.IngestGrpc;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One bidirectional gRPC stream per session; ingest.proto draws it. Every session has a connection of its own, so that how
 * often it is tried again is the forwarder's decision and not also gRPC's.
 */
public final class GrpcUplink implements Uplink {
    /** Acknowledgements and credits that may wait for the forwarder. */
    private static final int MESSAGES_AHEAD = 16;
    /** Acknowledgements are small; a welcome may hold many ranges. */
    private static final int MESSAGE_BYTES_MAX = 4 << 20;

    private final HostPort target;
    private final Clock clock;
    private final @Nullable SslContext tls;
    private final EventLoopGroup loop;
    private final ExecutorService callbacks;
    /** Of the forwarder's thread, and of {@code close} after that has ended. */
    private @Nullable ManagedChannel last;

    /** Without TLS. */
    public GrpcUplink(HostPort target, Clock clock) {
        this(target, clock, null);
    }

    /** @param tls null for plaintext */
    public GrpcUplink(HostPort target, Clock clock, @Nullable GrpcTls tls) {
        this.tls = tls == null ? null : tls.context();
        this.target = target;
        this.clock = clock;
        this.loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("uplink-io", true), NioIoHandler.newFactory());
        // What gRPC still has to say of a session after the end is dropped: nobody listens.
        this.callbacks = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("uplink", true),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public String target() {
        return "collector " + target;
    }

    @Override
    public Session open(SessionHello hello, Listener listener) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(target.host(), target.port());
        ManagedChannel channel = (tls == null ? builder.usePlaintext() : builder.sslContext(tls))
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .executor(callbacks)
                .offloadExecutor(callbacks)
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .disableRetry()
                .build();
        last = channel;
        GrpcSession session = new GrpcSession(channel, listener, clock);
        session.start(hello);
        return session;
    }

    @Override
    public void close() {
        ManagedChannel open = last;
        if (open != null) {
            open.shutdownNow();
            try {
                open.awaitTermination(2, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        callbacks.shutdown();
    }

    private static final class GrpcSession implements Session, ClientResponseObserver<AgentMessage, CollectorMessage> {
        private final ManagedChannel channel;
        private final Listener listener;
        private final Clock clock;
        // Set by beforeStart, in start's thread.
        private @Nullable ClientCallStreamObserver<AgentMessage> call;
        private boolean over;
        private long epoch;

        GrpcSession(ManagedChannel channel, Listener listener, Clock clock) {
            this.channel = channel;
            this.listener = listener;
            this.clock = clock;
        }

        void start(SessionHello hello) {
            epoch = hello.epoch();
            IngestGrpc.newStub(channel).connect(this);
            send(AgentMessages.hello(hello));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<AgentMessage> requests) {
            call = requests;
            requests.disableAutoRequestWithInitial(MESSAGES_AHEAD);
            requests.setOnReadyHandler(listener::ready);
        }

        // ---- what the collector says; on the uplink thread ----

        @Override
        public void onNext(CollectorMessage message) {
            if (!CollectorMessages.tell(message, listener, clock.wallNs())) {
                next();
            }
        }

        @Override
        public void onError(Throwable cause) {
            Status status = Status.fromThrowable(cause);
            String description = status.getDescription();
            Throwable root = status.getCause();
            while (root != null && root.getCause() != null) {
                root = root.getCause();
            }
            if (status.getCode() == Status.Code.FAILED_PRECONDITION) {
                listener.wentBack(String.valueOf(description));
                channel.shutdownNow();
                return;
            }
            listener.ended(status.getCode()
                    + (description == null ? "" : ": " + description)
                    + (root == null ? "" : " (" + root.getMessage() + ")"));
            channel.shutdownNow();
        }

        @Override
        public void onCompleted() {
            listener.ended("the collector ended the session");
            channel.shutdown();
        }

        // ---- what the agent says; on the forwarder's thread ----

        private void send(AgentMessage.Builder message) {
            if (!over && call != null) {
                call.onNext(message.build());
            }
        }

        @Override
        public boolean isReady() {
            return !over && call != null && call.isReady();
        }

        @Override
        public void send(Stamped batch, Lane lane) {
            send(AgentMessages.delivery(batch, lane));
        }

        @Override
        public void send(LostRange lost) {
            send(AgentMessages.loss(lost, epoch));
        }

        @Override
        public void send(AgentStatus status) {
            send(AgentMessages.status(status));
        }

        @Override
        public void send(CommandResult result) {
            send(DownwardMessages.message(result));
        }

        @Override
        public void send(ConfigReport report) {
            send(DownwardMessages.message(report));
        }

        @Override
        public void probe(long wallNs) {
            send(AgentMessages.probe(wallNs));
        }

        @Override
        public void next() {
            if (call != null) {
                call.request(1);
            }
        }

        @Override
        public void finish() {
            if (!over && call != null) {
                over = true;
                call.onCompleted();
            }
            channel.shutdown();
        }

        @Override
        public void abort(String reason) {
            if (!over && call != null) {
                over = true;
                if (channel.getState(false) != ConnectivityState.SHUTDOWN) {
                    call.cancel(reason, null);
                }
            }
            channel.shutdownNow();
        }
    }
}
