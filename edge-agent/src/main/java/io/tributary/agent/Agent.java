package io.tributary.agent;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.outbox.GroupCommit;
import io.tributary.agent.outbox.ReopeningOutbox;
import io.tributary.agent.process.Processing;
import io.tributary.agent.process.SchemaGuard;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.agent.uplink.Forwarder;
import io.tributary.agent.uplink.GrpcUplink;
import io.tributary.http.HealthHandler;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.MetricsHandler;
import io.tributary.http.Router;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running agent, wired in the order readings flow; started from the outbox backwards, closed from the sources on.
 *
 * <pre>
 * sources -> SchemaGuard -> Processing -> GroupCommit -> ReopeningOutbox(RocksOutbox) -> Forwarder -> GrpcUplink
 * </pre>
 */
final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentConfig config;
    private final String version;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Clock clock = new SystemClock();
    private final List<Source> sources = new ArrayList<>();
    private @Nullable ReopeningOutbox outbox;
    private @Nullable GroupCommit commit;
    private @Nullable Processing processing;
    private @Nullable GrpcUplink uplink;
    private @Nullable Forwarder forwarder;
    private @Nullable HttpServer http;
    private volatile @Nullable String notReady = "starting";
    private boolean closed;

    Agent(AgentConfig config, String version) {
        this.config = config;
        this.version = version;
    }

    /** @throws IOException what cannot be opened or bound, and why; {@link #close} frees what was */
    synchronized void start() throws IOException {
        ReopeningOutbox store = ReopeningOutbox.open(config.outbox(), clock);
        outbox = store;
        GrpcUplink grpc = new GrpcUplink(config.collector().address(), clock);
        uplink = grpc;
        Forwarder sender = new Forwarder(
                config.agent(),
                version,
                store,
                grpc,
                config.forward(),
                config.outbox().maxAge(),
                clock,
                new SplittableRandom(),
                this::refused,
                registry);
        forwarder = sender;
        GroupCommit intake = new GroupCommit(store, config.outbox(), clock, sender::wake, registry);
        commit = intake;
        Processing rules = new Processing(config.process(), intake, clock, registry);
        processing = rules;
        Intake guard = new SchemaGuard(config.schema(), rules, clock, registry);
        sender.start();
        intake.start();
        rules.start();
        SourceContext context = new SourceContext(
                config.agent(),
                guard,
                clock,
                new SplittableRandom(),
                config.outbox().path().resolveSibling(config.outbox().path().getFileName() + ".sources"),
                registry);
        for (SourceConfig each : config.sources()) {
            Source source = each.open(context);
            sources.add(source);
            source.start();
        }
        HttpServer server = new HttpServer(
                HttpServerOptions.on(config.http().listen()).withWorkers(1, 8),
                new Router()
                        .probe("/metrics", new MetricsHandler(registry))
                        .probe("/healthz", HealthHandler.live())
                        .probe("/readyz", HealthHandler.ready(this::reasonNotReady))
                        .get("/deadletters", new DeadLettersHandler(store)),
                registry);
        server.start();
        http = server;
        notReady = null;
        LOG.info(
                "agent {} epoch {} started, {} readings queued",
                config.agent(),
                store.epoch(),
                store.stats().queuedReadings());
    }

    private java.util.Map<String, Long> refused() {
        GroupCommit intake = commit;
        return intake == null ? java.util.Map.of() : intake.refused();
    }

    /** Ready to take readings; whether the collector can be reached does not matter, that is what the outbox is for. */
    private @Nullable String reasonNotReady() {
        GroupCommit intake = commit;
        return notReady != null || intake == null || !intake.isFailing() ? notReady : "the outbox cannot be written";
    }

    /** {@code key=value} pairs for the ready line: where everything listens. */
    synchronized String readyValues() {
        StringBuilder values = new StringBuilder();
        values.append("http=")
                .append(
                        http == null
                                ? ""
                                : config.http().listen().withPort(http.address().getPort()));
        for (Source source : sources) {
            values.append(' ').append(source.name()).append('=').append(source.endpoint());
        }
        return values.append(" outbox=").append(config.outbox().path()).toString();
    }

    /** Takes nothing new, syncs and sends what is there, ends. May be called twice. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        notReady = "shutting down";
        for (int i = sources.size() - 1; i >= 0; i--) {
            sources.get(i).close();
        }
        if (processing != null) {
            processing.close();
        }
        if (commit != null) {
            commit.close();
        }
        if (forwarder != null) {
            forwarder.close();
        }
        if (uplink != null) {
            uplink.close();
        }
        if (http != null) {
            http.close();
        }
        if (outbox != null) {
            outbox.close();
        }
        LOG.info("agent {} stopped", config.agent());
    }
}
