package io.tributary.agent;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Boot;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.KernelQuestion;
import io.tributary.agent.clock.MachineProbe;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandDesk;
import io.tributary.agent.enrol.CertificateRenewal;
import io.tributary.agent.enrol.IdentityFiles;
import io.tributary.agent.outbox.GroupCommit;
import io.tributary.agent.outbox.ReopeningOutbox;
import io.tributary.agent.process.Processing;
import io.tributary.agent.process.SchemaGuard;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceContext;
import io.tributary.agent.uplink.Downward;
import io.tributary.agent.uplink.Forwarder;
import io.tributary.agent.uplink.GrpcTls;
import io.tributary.agent.uplink.GrpcUplink;
import io.tributary.agent.uplink.Uplink;
import io.tributary.http.HealthHandler;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.MetricsHandler;
import io.tributary.http.Router;
import io.tributary.tls.CertificateTime;
import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running agent, wired in the order readings flow; started from the outbox backwards, closed from the sources on.
 *
 * <pre>
 * sources -> SchemaGuard -> Processing -> GroupCommit -> ReopeningOutbox(RocksOutbox) -> Forwarder -> Uplink
 *    \<------------------------- CommandDesk <------------------------------------------/
 * </pre>
 */
final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /** 2026-11-01: no clock that is earlier can be right, as this program was not there yet. */
    static final long EARLIEST_NS = 1_793_491_200_000_000_000L;

    private final AgentConfig config;
    private final String version;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Clock clock = new SystemClock();
    private final RemoteConfig.OwnFile ownFile;
    private @Nullable SourceSet sources;
    private @Nullable CommandDesk commands;
    private @Nullable ReopeningOutbox outbox;
    private @Nullable ClockKeeper keeper;
    private @Nullable FlashUse flashUse;
    private @Nullable Supplier<String> reloading;
    private @Nullable GroupCommit commit;
    private @Nullable Processing processing;
    private @Nullable Uplink uplink;
    private @Nullable CertificateRenewal renewal;
    private @Nullable Forwarder forwarder;
    private @Nullable HttpServer http;
    private volatile @Nullable String notReady = "starting";
    private boolean closed;

    /** @param ownFile reads the configuration anew */
    Agent(AgentConfig config, RemoteConfig.OwnFile ownFile, String version) {
        this.config = config;
        this.ownFile = ownFile;
        this.version = version;
    }

    /** Null for plaintext. A certificate that came by enrolment, key in the same file, is renewed from here on. */
    private @Nullable GrpcTls tls(CertificateTime time) throws IOException {
        TlsFiles files = config.collector().tls();
        if (files == null) {
            return null;
        }
        GrpcTls tls = GrpcTls.of(files, clock::monotonicNs, time);
        Path identity = files.certificate();
        Path authority = files.ca();
        if (identity != null && authority != null && identity.equals(files.key())) {
            CertificateRenewal made = new CertificateRenewal(
                    new IdentityFiles(identity, authority),
                    config.collector().address(),
                    tls,
                    config.agent(),
                    time,
                    registry);
            renewal = made;
            made.start();
        }
        return tls;
    }

    /** @throws IOException what cannot be opened or bound, and why; {@link #close} frees what was */
    synchronized void start() throws IOException {
        ReopeningOutbox store = ReopeningOutbox.open(config.outbox(), clock);
        outbox = store;
        ClockKeeper times = new ClockKeeper(
                clock,
                new MachineProbe(config.clock().marks(), KernelQuestion.of(clock, System.getenv("PATH"))),
                config.clock().trust(),
                Boot.current(),
                EARLIEST_NS,
                beside(config.outbox().path(), ".clock"));
        keeper = times;
        RemoteConfig remote = new RemoteConfig(config, clock);
        remote.load();
        CertificateTime certificateTime = times.certificateTime();
        GrpcTls tls = tls(certificateTime);
        Uplink way = Uplinks.of(
                config,
                () -> new GrpcUplink(config.collector().address(), clock, tls),
                clock,
                certificateTime,
                registry);
        uplink = way;
        FlashUse flash = new FlashUse(
                beside(config.outbox().path(), ".flash"),
                FlashUse::ofProcess,
                clock::monotonicNs,
                config.outbox().flashBudget());
        flash.register(registry);
        flashUse = flash;
        Forwarder sender = new Forwarder(
                config.agent(),
                version,
                store,
                way,
                remote.forward(),
                config.outbox().maxAge(),
                clock,
                new SplittableRandom(),
                this::refused,
                times,
                flash::bytes,
                beside(config.outbox().path(), ".upload"),
                registry);
        forwarder = sender;
        GroupCommit intake =
                new GroupCommit(store, config.outbox(), clock, times, () -> appended(sender, flash), registry);
        commit = intake;
        Processing rules = new Processing(config.process(), intake, clock, registry);
        processing = rules;
        Intake guard = new SchemaGuard(config.schema(), rules, clock, registry);
        AgentSecurity security = new AgentSecurity(config.outbox().path(), clock);
        SourceContext context = new SourceContext(
                config.agent(),
                guard,
                clock,
                new SplittableRandom(),
                beside(config.outbox().path(), ".sources"),
                security.guard(),
                registry);
        SourceSet running = new SourceSet(context);
        sources = running;
        Supplier<String> reload = () -> remote.reload(ownFile, running, sender::reconfigure);
        reloading = reload;
        CommandDesk desk = new CommandDesk(
                beside(config.outbox().path(), ".commands"),
                running::commandSinks,
                new OwnActions(config.agent(), version, clock, store, running, reload),
                clock,
                sender::tell,
                registry);
        commands = desk;
        sender.listen(new FromCollector(desk, remote, running, sender));
        desk.start();
        sender.start();
        intake.start();
        rules.start();
        running.start(remote.sources());
        HttpServer server = new HttpServer(
                HttpServerOptions.on(config.http().listen()).withWorkers(1, 8),
                new Router()
                        .probe("/metrics", new MetricsHandler(registry))
                        .openProbe("/healthz", HealthHandler.live())
                        .openProbe("/readyz", HealthHandler.ready(this::reasonNotReady))
                        .get("/deadletters", new DeadLettersHandler(store)),
                security.http(config.http()),
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

    private static void appended(Forwarder sender, FlashUse flash) {
        sender.wake();
        flash.tick();
    }

    static Path beside(Path outbox, String suffix) {
        return outbox.resolveSibling(outbox.getFileName() + suffix);
    }

    /** What the collector wants is done on the desk's thread, one thing after the other. */
    private record FromCollector(CommandDesk desk, RemoteConfig remote, SourceSet sources, Forwarder sender)
            implements Downward {
        @Override
        public void command(AgentCommand command) {
            desk.command(command);
        }

        @Override
        public void desiredConfig(long version, String yaml) {
            desk.run(() -> sender.tell(remote.desire(version, yaml, sources, sender::reconfigure)));
        }
    }

    /**
     * Reads the agent's file anew, on the desk's thread; a bad one is refused whole, and what runs goes on. Any thread,
     * returns at once.
     */
    synchronized void reload() {
        Supplier<String> task = reloading;
        if (commands != null && task != null) {
            commands.run(() -> {
                var told = task.get(); // and logged there
            });
        }
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
        for (Source source : sources == null ? List.<Source>of() : sources.sources()) {
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
        if (commands != null) {
            commands.close();
        }
        if (sources != null) {
            sources.close();
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
        if (renewal != null) {
            renewal.close();
        }
        if (http != null) {
            http.close();
        }
        if (outbox != null) {
            outbox.close();
        }
        if (keeper != null) {
            keeper.close();
        }
        if (flashUse != null) {
            flashUse.close();
        }
        LOG.info("agent {} stopped", config.agent());
    }
}
