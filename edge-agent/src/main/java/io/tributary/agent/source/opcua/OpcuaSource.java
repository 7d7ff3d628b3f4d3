package io.tributary.agent.source.opcua;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Source;
import io.tributary.process.Backoff;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaSession;
import org.eclipse.milo.opcua.sdk.client.SessionActivityListener;
import org.eclipse.milo.opcua.sdk.client.UaSession;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one subscription at an OPC UA server, over lost connections, lost sessions and restarts of the agent.
 *
 * <pre>
 * connection lost   the library activates the session again      go on; what is missing is republished
 * session lost      the subscription goes over to the new one    republish all that is unacknowledged
 * agent restarted   the same, by the ID in a file                republish all that is unacknowledged
 * subscription lost a new one; every variable's present value    a gap, told and counted
 * </pre>
 *
 * <p>Threads: {@code server-NAME} connects, browses and subscribes; {@code source-NAME} owns the subscription and the
 * feed; the library's only hand over.
 */
public final class OpcuaSource implements Source, CommandSink {
    private static final Logger LOG = LoggerFactory.getLogger(OpcuaSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    /** A connection that lasted this long was a good one: the next delay is short again. */
    private static final long STABLE_NS = TimeUnit.SECONDS.toNanos(10);
    /** Variables that were not there may come; a machine starts in minutes. */
    private static final long LOOK_AGAIN_MILLIS = 60_000;

    private final OpcuaConfig config;
    private final Intake intake;
    private final Clock clock;
    private final OpcuaMetrics metrics;
    private final ServerConnector connector;
    private final SubscriptionFile file;
    private final Backoff backoff;

    private @Nullable ScheduledExecutorService worker;
    private @Nullable SubscriptionKeeper keeper;
    private @Nullable Thread connecting;

    // Guarded by lock.
    private final Object lock = new Object();
    private boolean closing;
    private @Nullable String lost;

    /** Null without a session. */
    private volatile @Nullable NodeWriter writer;

    // Of the connecting thread.
    private String lastFailure = "";

    OpcuaSource(
            OpcuaConfig config,
            String agent,
            Path pki,
            Path subscriptionFile,
            Intake intake,
            Clock clock,
            RandomGenerator random,
            OpcuaMetrics metrics) {
        this.config = config;
        this.intake = intake;
        this.clock = clock;
        this.metrics = metrics;
        this.connector = new ServerConnector(
                new ServerConnector.Target(
                        agent,
                        config.endpoint(),
                        config.securityPolicy(),
                        config.securityMode(),
                        config.user(),
                        config.password(),
                        config.requestTimeout()),
                pki);
        this.file = new SubscriptionFile(subscriptionFile);
        this.backoff = new Backoff(config.reconnectMin(), config.reconnectMax(), random);
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public String endpoint() {
        return config.endpoint();
    }

    /** Does not wait for the server: it may be started after the agent. */
    @Override
    public void start() throws IOException {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "source-" + config.name());
            thread.setDaemon(true);
            return thread;
        });
        worker = executor;
        NotificationFeed feed = new NotificationFeed(config, intake, executor, metrics);
        SubscriptionKeeper kept = new SubscriptionKeeper(config, file, feed, executor, metrics, clock, this::lost);
        keeper = kept;
        metrics.connected.labelValues(config.name()).set(0);
        Thread thread = new Thread(() -> run(kept), "server-" + config.name());
        thread.setDaemon(true);
        thread.start();
        connecting = thread;
    }

    // ---- the connecting thread ----

    private void run(SubscriptionKeeper kept) {
        while (!isClosing()) {
            long began = clock.monotonicNs();
            String why = connection(kept);
            if (clock.monotonicNs() - began >= STABLE_NS) {
                backoff.succeeded();
            }
            if (!isClosing()) {
                long delayNs = backoff.failed();
                tell(why, delayNs);
                await(delayNs / 1_000_000, false);
            }
        }
    }

    /** One client from beginning to end. @return why it ended */
    private String connection(SubscriptionKeeper kept) {
        OpcUaClient client;
        try {
            client = connector.connect();
        } catch (IOException | IllegalArgumentException e) {
            metrics.connectFailures.labelValues(config.name()).inc();
            return ServerConnector.reason(e);
        }
        try {
            metrics.connects.labelValues(config.name()).inc();
            metrics.connected.labelValues(config.name()).set(1);
            client.addSessionInitializer(kept::transfer);
            client.addSessionActivityListener(new Activity(client, kept));
            writer = new NodeWriter(client, config.requestTimeout());
            while (!isClosing()) {
                MonitoredItems items = kept.find(client);
                synchronized (lock) {
                    lost = null;
                }
                kept.subscribe(client, items);
                lastFailure = "";
                String why = awaitLost(client, kept);
                LOG.warn("source {}: {}", config.name(), why);
            }
            return "closing";
        } catch (UaException | IOException e) {
            metrics.connectFailures.labelValues(config.name()).inc();
            return ServerConnector.reason(e);
        } finally {
            writer = null;
            metrics.connected.labelValues(config.name()).set(0);
            leave(client, kept);
        }
    }

    private void lost(String why) {
        synchronized (lock) {
            lost = why;
            lock.notifyAll();
        }
    }

    private String awaitLost(OpcUaClient client, SubscriptionKeeper kept) throws UaException, IOException {
        while (true) {
            await(kept.isIncomplete() ? LOOK_AGAIN_MILLIS : Long.MAX_VALUE / 2_000_000, true);
            synchronized (lock) {
                if (closing || lost != null) {
                    return lost == null ? "closing" : lost;
                }
            }
            kept.lookAgain(client);
        }
    }

    /** Waits for the end, for the time, or for a lost subscription. */
    private void await(long millis, boolean untilLost) {
        long until = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (lock) {
            long left = millis;
            while (left > 0 && !closing && !(untilLost && lost != null)) {
                try {
                    lock.wait(left);
                } catch (InterruptedException e) {
                    closing = true;
                }
                left = TimeUnit.NANOSECONDS.toMillis(until - clock.monotonicNs());
            }
        }
    }

    /** The same failure again is told once. */
    private void tell(String why, long delayNs) {
        if (!why.equals(lastFailure)) {
            lastFailure = why;
            LOG.warn(
                    "source {}: not subscribed at {}: {}; next attempt in {} ms, and so on",
                    config.name(),
                    config.endpoint(),
                    why,
                    delayNs / 1_000_000);
        }
    }

    private boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    /** The server keeps the subscription: the agent's next start takes it over. */
    private void leave(OpcUaClient client, SubscriptionKeeper kept) {
        Subscription current = kept.current();
        if (current != null) {
            current.stop();
        }
        if (isClosing()) {
            try {
                OpcUaSession session =
                        client.getSessionAsync().get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
                client.sendRequestAsync(new CloseSessionRequest(
                                client.newRequestHeader(session.getAuthenticationToken()), false))
                        .get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) { // whatever it is, the session ends by itself
                LOG.debug("source {}: session not closed", config.name(), e);
            }
        }
        connector.disconnect(client);
    }

    // ---- the library's threads ----

    private final class Activity implements SessionActivityListener {
        private final OpcUaClient client;
        private final SubscriptionKeeper kept;

        Activity(OpcUaClient client, SubscriptionKeeper kept) {
            this.client = client;
            this.kept = kept;
        }

        @Override
        public void onSessionActive(UaSession session) {
            if (!isClosing()) {
                writer = new NodeWriter(client, config.requestTimeout());
            }
            metrics.connects.labelValues(config.name()).inc();
            metrics.connected.labelValues(config.name()).set(1);
            LOG.info("source {}: session at {} is active again", config.name(), config.endpoint());
            Subscription current = kept.current();
            if (current != null) {
                current.resume();
            }
        }

        @Override
        public void onSessionInactive(UaSession session) {
            writer = null;
            if (!isClosing()) {
                metrics.connected.labelValues(config.name()).set(0);
                metrics.lostSessions.labelValues(config.name()).inc();
                LOG.warn("source {}: session at {} is not active, connecting again", config.name(), config.endpoint());
            }
        }
    }

    // ---- commands ----

    @Override
    public boolean takes(DeviceCommand command) {
        return command instanceof DeviceCommand.Write write && config.isWritable(write.node());
    }

    @Override
    public CompletionStage<Boolean> reaches(DeviceCommand command) {
        return CompletableFuture.completedFuture(writer != null);
    }

    @Override
    public CompletionStage<DeviceOutcome> carryOut(DeviceCommand command, String id, long deadlineNs) {
        NodeWriter to = writer;
        DeviceCommand.Write write = (DeviceCommand.Write) command;
        return to == null
                ? CompletableFuture.completedFuture(
                        new DeviceOutcome(DeviceOutcome.Kind.NOT_SENT, "there is no session at the server"))
                : to.write(write.node(), write.value());
    }

    // ---- from outside ----

    @Override
    public void close() {
        Thread thread = connecting;
        ScheduledExecutorService executor = worker;
        if (thread == null || executor == null) {
            return;
        }
        Subscription current = keeper == null ? null : keeper.current();
        if (current != null) {
            current.stop();
        }
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        try {
            thread.join(CLOSE_WAIT_MILLIS);
            if (thread.isAlive()) {
                thread.interrupt();
            }
            // What is at the intake is heard of; what waits behind it the server has still.
            executor.shutdown();
            if (!executor.awaitTermination(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            executor.shutdownNow();
        }
    }
}
