package io.tributary.collector.rpc;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The gRPC listener. Started and closed by {@code main}; services bring their own threads. */
public final class RpcServer implements AutoCloseable {
    /** Calls of a connection that are taken back, in so many seconds: more than a page that asks anew at every key. */
    private static final int RESETS_MAX = 200;

    private static final int RESETS_SECONDS = 10;

    private final RpcOptions options;
    private final List<RpcService> services;
    private final List<ServerStreamTracer.Factory> tracers;
    private final Entry entry;
    private final @Nullable RpcTls tls;
    private @Nullable Server server;
    private @Nullable EventLoopGroup acceptor;
    private @Nullable EventLoopGroup workers;

    /** @param tls null for plaintext */
    public RpcServer(
            RpcOptions options,
            List<RpcService> services,
            List<ServerStreamTracer.Factory> tracers,
            @Nullable RpcTls tls,
            LongSupplier nanoTime,
            PrometheusRegistry metrics) {
        this.options = options;
        this.services = List.copyOf(services);
        this.tracers = List.copyOf(tracers);
        this.tls = tls;
        this.entry = new Entry(options, nanoTime);
        ConnectionLimit connections = entry.places();
        GaugeWithCallback.builder()
                .name("tributary_collector_grpc_connections")
                .help("Open gRPC connections.")
                .callback(gauge -> gauge.call(connections.open()))
                .register(metrics);
        CounterWithCallback.builder()
                .name("tributary_collector_grpc_connections_refused_total")
                .help("Connections closed at once because grpc.connections-max were open.")
                .callback(counter -> counter.call(connections.refused()))
                .register(metrics);
        CounterWithCallback.builder()
                .name("tributary_collector_grpc_connections_evicted_total")
                .help("Connections without a handshake yet, closed for others because grpc.connections-max were open.")
                .callback(counter -> counter.call(connections.evicted()))
                .register(metrics);
        CounterWithCallback.builder()
                .name("tributary_collector_grpc_address_connections_refused_total")
                .help(
                        "Connections closed at once because their address came faster than grpc.address-connects-per-second.")
                .callback(counter -> counter.call(entry.refusedAddresses()))
                .register(metrics);
        CounterWithCallback.builder()
                .name("tributary_collector_grpc_accept_pauses_total")
                .help("Times that connections were left in the backlog because of grpc.connects-per-second.")
                .callback(counter -> counter.call(entry.pauses()))
                .register(metrics);
    }

    /**
     * @param messageBytesMax largest message that any service takes; a larger one ends its call before it is read
     * @throws IOException the address is taken or not ours; the server can be started again
     */
    public void start(int messageBytesMax) throws IOException {
        acceptor = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("grpc-accept", true), NioIoHandler.newFactory());
        workers = new MultiThreadIoEventLoopGroup(
                options.ioThreads(), new DefaultThreadFactory("grpc-io", true), NioIoHandler.newFactory());
        Map<String, Executor> executors = new HashMap<>();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(
                        options.listen().host(), options.listen().port()))
                .channelFactory(() -> new BoundedServerChannel(entry, tls == null ? null : tls.failures()))
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(workers)
                .maxInboundMessageSize(messageBytesMax)
                .maxInboundMetadataSize((int) options.metadataBytesMax().bytes())
                .maxConcurrentCallsPerConnection(options.callsPerConnectionMax())
                .maxRstFramesPerWindow(RESETS_MAX, RESETS_SECONDS)
                .initialFlowControlWindow((int) options.streamWindow().bytes())
                .handshakeTimeout(options.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(options.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(options.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(options.keepaliveTime().toMillis() / 4, TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConnectionIdle(options.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .executor(Runnable::run);
        if (tls != null) {
            builder.sslContext(tls.context());
        }
        for (RpcService service : services) {
            executors.put(service.service().getServiceDescriptor().getName(), service.executor());
            builder.addService(service.service());
        }
        tracers.forEach(builder::addStreamTracerFactory);
        Server built = builder.callExecutor(new ByService(executors)).build();
        try {
            built.start();
        } catch (IOException e) {
            shutdownThreads();
            throw e;
        }
        server = built;
    }

    /** Times that connections were left in the backlog. */
    long acceptPauses() {
        return entry.pauses();
    }

    /** The bound port, also where the configuration said 0. */
    public int port() {
        if (server == null) {
            throw new IllegalStateException("BUG: port of a server that was not started");
        }
        return server.getPort();
    }

    /** Takes no further connections and calls; open calls go on. */
    public void stopAccepting() {
        if (server != null) {
            server.shutdown();
        }
    }

    /** Ends every call that is still open after {@code graceMillis}. */
    public void close(long graceMillis) {
        if (server != null) {
            server.shutdown();
            try {
                if (!server.awaitTermination(graceMillis, TimeUnit.MILLISECONDS)) {
                    server.shutdownNow();
                    server.awaitTermination(graceMillis, TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                server.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        shutdownThreads();
    }

    @Override
    public void close() {
        close(1_000);
    }

    private void shutdownThreads() {
        for (EventLoopGroup group : new EventLoopGroup[] {acceptor, workers}) {
            if (group != null) {
                group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
            }
        }
        acceptor = null;
        workers = null;
    }

    private record ByService(Map<String, Executor> executors) implements ServerCallExecutorSupplier {
        @Override
        public <ReqT, RespT> @Nullable Executor getExecutor(ServerCall<ReqT, RespT> call, Metadata metadata) {
            String service = call.getMethodDescriptor().getServiceName();
            return service == null ? null : executors.get(service);
        }
    }
}
