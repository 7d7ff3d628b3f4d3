package io.tributary.collector;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.collector.agents.AgentDirectory;
import io.tributary.collector.commands.Downlink;
import io.tributary.collector.http.CollectorApi;
import io.tributary.collector.http.CommandsApi;
import io.tributary.collector.http.LifecycleApi;
import io.tributary.collector.ingest.IngestEndpoint;
import io.tributary.collector.ingest.mqtt.MqttEndpoint;
import io.tributary.collector.ingest.mqtt.MqttIngestOptions;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.rpc.QueryService;
import io.tributary.collector.rpc.RpcServer;
import io.tributary.collector.rpc.RpcService;
import io.tributary.collector.rpc.StreamService;
import io.tributary.collector.security.AgentGate;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.config.HostPort;
import io.tributary.http.HttpSecurity;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.Router;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running collector, wired from the store outwards and closed the other way round.
 *
 * <pre>
 * RpcServer, MqttEndpoint -> IngestEndpoint -> TimeSeriesEngine <- QueryEngine <- HTTP, RpcServer
 *                      \-> AgentDirectory -/
 * </pre>
 *
 * HTTP comes up first, so that a supervisor sees a recovery that takes its time as alive and not ready.
 */
final class Collector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    /** The one place where the system's time comes from. */
    static final InstantSource CLOCK = InstantSource.system();

    /** Some 50,000 lines, twice. */
    private static final long AUDIT_BYTES = 8 << 20;

    private final CollectorConfig config;
    private final String version;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final InstantSource clock = CLOCK;
    private final Readiness readiness = new Readiness();
    private @Nullable CollectorSecurity security;
    private @Nullable TimeSeriesEngine engine;
    private @Nullable AgentDirectory agents;
    private @Nullable Downlink downlink;
    private @Nullable IngestEndpoint ingest;
    private @Nullable MqttEndpoint mqtt;
    private @Nullable QueryService queryService;
    private @Nullable Subscriptions subscriptions;
    private @Nullable StreamService streamService;
    private @Nullable RpcServer rpc;
    private @Nullable HttpServer http;
    private boolean closed;

    Collector(CollectorConfig config, String version) {
        this.config = config;
        this.version = version;
    }

    /** @throws StartupException what cannot be opened or bound, and why; {@link #close} frees what was */
    void start() throws StartupException {
        TimeSeriesEngine store;
        CollectorSecurity guard;
        try {
            guard = config.security() == null
                    ? null
                    : new CollectorSecurity(config.security(), clock, System::nanoTime);
        } catch (IOException e) {
            throw new StartupException("security: " + e.getMessage(), e);
        }
        security = guard;
        try {
            store = TimeSeriesEngine.open(
                    config.data(),
                    config.storage().options(),
                    config.retention().options(),
                    clock,
                    registry);
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
        engine = store;
        AgentDirectory directory = new AgentDirectory(store.states("agent"), store.accounts(), registry);
        agents = directory;
        directory.start();
        AuditLog audit =
                guard == null ? new AuditLog(config.data().resolve("audit.log"), AUDIT_BYTES, clock) : guard.audit();
        Downlink orders = new Downlink(
                config.commands(),
                store.states("command"),
                store.states("config"),
                (who, action, details) -> audit.append(AuditEvent.allowed(who, action, details)),
                clock,
                registry);
        downlink = orders;
        orders.start();
        IngestEndpoint endpoint = new IngestEndpoint(
                config.ingest(),
                config.name(),
                version,
                store.writer(),
                directory,
                orders,
                guard == null ? AgentGate.OPEN : guard.gate(),
                registry,
                clock,
                System::nanoTime);
        ingest = endpoint;
        endpoint.start();
        QueryEngine queries =
                new QueryEngine(store.reader(), store.catalog(), config.query(), System::nanoTime, registry);
        Subscriptions streams = new Subscriptions(
                store.log(), store.states("bookmark"), config.stream(), clock, System::nanoTime, registry);
        subscriptions = streams;
        streams.start();
        CollectorApi api = new CollectorApi(
                queries, store.catalog(), directory, store.deadLetters(), clock, readiness::reasonNotReady, registry);
        Router router =
                new CommandsApi(orders, directory, request -> request.caller().name()).addTo(api.addTo(new Router()));
        startHttp(new LifecycleApi(store.erasures(), streams, clock, readiness::reasonNotReady, store::damagedFiles)
                .addTo(router));
        StreamService streamCalls =
                new StreamService(streams, store.erasures(), guard == null ? null : guard.tokenCalls());
        streamService = streamCalls;
        QueryService queryCalls = new QueryService(
                queries, store.catalog(), directory, store.deadLetters(), guard == null ? null : guard.tokenCalls());
        queryService = queryCalls;
        startRpc(endpoint, List.of(queryCalls.service(), streamCalls.service()));
        startMqtt(endpoint);
        readiness.started(endpoint.health());
        LOG.info("collector {} started", config.name());
    }

    private void startHttp(Router router) throws StartupException {
        HttpServer server = new HttpServer(
                HttpServerOptions.on(config.http().listen()),
                router,
                security == null ? HttpSecurity.NONE : security.http(),
                registry);
        try {
            server.start();
        } catch (IOException e) {
            throw new StartupException("http: " + e.getMessage(), e);
        }
        http = server;
    }

    private void startRpc(IngestEndpoint endpoint, List<RpcService> others) throws StartupException {
        List<RpcService> services = new ArrayList<>(others);
        services.add(0, new RpcService(endpoint.service(), endpoint.executor()));
        if (security != null) {
            services.add(security.enrolment());
        }
        RpcServer server = new RpcServer(
                config.grpc(),
                services,
                List.of(endpoint.arrivalStamps()),
                security == null ? null : security.rpcTls(),
                System::nanoTime,
                registry);
        try {
            server.start(config.ingest().messageBytesMax());
        } catch (IOException e) {
            throw new StartupException("grpc cannot listen on " + config.grpc().listen() + ": " + rootMessage(e), e);
        }
        rpc = server;
    }

    private void startMqtt(IngestEndpoint endpoint) {
        MqttIngestOptions options = config.mqtt();
        if (options != null) {
            mqtt = new MqttEndpoint(
                    options, config.ingest(), endpoint, registry, new SplittableRandom(), System::nanoTime);
            mqtt.start();
        }
    }

    /** gRPC says only that it cannot bind; its cause says why. */
    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** {@code key=value} pairs for the ready line: where everything listens. */
    String readyValues() {
        HostPort grpcAt = config.grpc().listen();
        HostPort httpAt = config.http().listen();
        return "grpc=" + (rpc == null ? grpcAt : grpcAt.withPort(rpc.port())) + " http="
                + (http == null ? httpAt : httpAt.withPort(http.address().getPort()))
                + (mqtt == null ? "" : " mqtt=" + mqtt.endpointName()) + " data=" + config.data();
    }

    /** Sends agents away when what they have sent is acknowledged, writes the heads, ends. May be called twice. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        readiness.stopping();
        if (subscriptions != null) {
            subscriptions.close();
        }
        if (rpc != null) {
            rpc.stopAccepting();
        }
        if (mqtt != null) {
            mqtt.stopAccepting();
        }
        if (ingest != null) {
            ingest.drain();
        }
        if (mqtt != null) {
            mqtt.close();
        }
        if (rpc != null) {
            rpc.close();
        }
        if (ingest != null) {
            ingest.close();
        }
        if (queryService != null) {
            queryService.close();
        }
        if (streamService != null) {
            streamService.close();
        }
        if (http != null) {
            http.close();
        }
        if (downlink != null) {
            downlink.close();
        }
        if (security != null) {
            security.close();
        }
        if (agents != null) {
            agents.close();
        }
        if (engine != null) {
            engine.close();
        }
        LOG.info("collector {} stopped", config.name());
    }
}
