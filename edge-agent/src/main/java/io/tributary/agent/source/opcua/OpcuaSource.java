package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Source;
import io.tributary.process.Backoff;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.core.util.Unit;
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
    private static final int NOTIFICATION_VALUES_MOST = 1_000;
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
    private @Nullable NotificationFeed feed;
    private @Nullable Thread connecting;

    // Guarded by lock.
    private final Object lock = new Object();
    private boolean closing;
    private @Nullable String lost;

    private volatile @Nullable Subscription subscription;
    /** Null without a session. */
    private volatile @Nullable NodeWriter writer;

    // Of the connecting thread.
    private String lastFailure = "";
    private @Nullable MonitoredItems watched;
    private boolean incomplete;

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
        feed = new NotificationFeed(config, intake, executor, metrics);
        metrics.connected.labelValues(config.name()).set(0);
        Thread thread = new Thread(() -> run(executor), "server-" + config.name());
        thread.setDaemon(true);
        thread.start();
        connecting = thread;
    }

    // ---- the connecting thread ----

    private void run(ScheduledExecutorService executor) {
        while (!isClosing()) {
            long began = clock.monotonicNs();
            String why = connection(executor);
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
    private String connection(ScheduledExecutorService executor) {
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
            client.addSessionInitializer(this::transfer);
            client.addSessionActivityListener(new Activity(client));
            writer = new NodeWriter(client, config.requestTimeout());
            while (!isClosing()) {
                subscribe(client, executor);
                lastFailure = "";
                String why = awaitLost(client);
                LOG.warn("source {}: {}", config.name(), why);
            }
            return "closing";
        } catch (UaException | IOException e) {
            metrics.connectFailures.labelValues(config.name()).inc();
            return ServerConnector.reason(e);
        } finally {
            writer = null;
            metrics.connected.labelValues(config.name()).set(0);
            leave(client);
        }
    }

    private void subscribe(OpcUaClient client, ScheduledExecutorService executor) throws UaException, IOException {
        Subscription before = subscription;
        NodeResolver resolver = new NodeResolver(config.name(), client);
        client.readNamespaceTable();
        MonitoredItems items = new MonitoredItems(config, resolver.resolve(config.nodes()));
        Long known = file.read(config.endpoint(), items.meaning());
        synchronized (lock) {
            lost = null;
        }
        if (before == null && known != null && adopt(client, uint(known), items, executor)) {
            LOG.info("source {}: took over subscription {} at {}", config.name(), known, config.endpoint());
        } else {
            long gapFrom = before == null ? 0 : before.heardNs();
            create(client, items, executor);
            if (before != null || known != null) {
                gap(before == null ? 0 : clock.monotonicNs() - gapFrom);
            }
        }
        metrics.nodesRefused.labelValues(config.name()).set(resolver.missing() + items.refusedCount());
        metrics.nodes.labelValues(config.name()).set(items.size() - items.refusedCount());
        watched = items;
        incomplete = resolver.missing() + items.refusedCount() > 0;
    }

    private void create(OpcUaClient client, MonitoredItems items, ScheduledExecutorService executor)
            throws UaException, IOException {
        double interval = config.publishingInterval().toMillis();
        long keepAlives = Math.max(1, (long) (config.keepAlive().toMillis() / interval));
        long lifetimes = Math.max(3 * keepAlives, (long) (config.lifetime().toMillis() / interval));
        CreateSubscriptionResponse created = client.createSubscription(
                interval, uint(lifetimes), uint(keepAlives), uint(NOTIFICATION_VALUES_MOST), true, ubyte(0));
        UInteger id = created.getSubscriptionId();
        items.create(client, id);
        file.write(config.endpoint(), id.longValue(), items.meaning());
        Subscription made = subscription(client, id, 1, items, executor);
        subscription = made;
        made.resume();
        LOG.info(
                "source {}: subscribed to {} variables at {}",
                config.name(),
                items.size() - items.refusedCount(),
                config.endpoint());
    }

    /** Takes over the subscription of before the agent started. */
    private boolean adopt(OpcUaClient client, UInteger id, MonitoredItems items, ScheduledExecutorService executor)
            throws UaException {
        TransferResult[] results =
                client.transferSubscriptions(List.of(id), false).getResults();
        if (results == null || results.length == 0 || results[0].getStatusCode().isBad()) {
            LOG.info(
                    "source {}: subscription {} of before is gone: {}",
                    config.name(),
                    id,
                    results == null || results.length == 0 ? "no answer" : results[0].getStatusCode());
            return false;
        }
        Subscription taken = subscription(client, id, 0, items, executor);
        subscription = taken;
        taken.transferred(results[0].getAvailableSequenceNumbers());
        return true;
    }

    private Subscription subscription(
            OpcUaClient client, UInteger id, long expected, MonitoredItems items, ScheduledExecutorService executor) {
        return new Subscription(
                client,
                config,
                id,
                expected,
                items,
                Objects.requireNonNull(feed),
                executor,
                metrics,
                clock,
                this::lost);
    }

    private void gap(long ns) {
        metrics.gaps.labelValues(config.name()).inc();
        metrics.gapSeconds.labelValues(config.name()).inc(ns / 1e9);
        LOG.warn(
                "source {}: changes are missing{}: the server had forgotten the subscription",
                config.name(),
                ns == 0 ? " from when the agent was down" : " of " + ns / 1_000_000 + " ms");
    }

    private void lost(String why) {
        synchronized (lock) {
            lost = why;
            lock.notifyAll();
        }
    }

    private String awaitLost(OpcUaClient client) throws UaException, IOException {
        while (true) {
            await(incomplete ? LOOK_AGAIN_MILLIS : Long.MAX_VALUE / 2_000_000, true);
            synchronized (lock) {
                if (closing || lost != null) {
                    return lost == null ? "closing" : lost;
                }
            }
            lookAgain(client);
        }
    }

    private void lookAgain(OpcUaClient client) throws UaException, IOException {
        MonitoredItems items = Objects.requireNonNull(watched);
        Subscription current = Objects.requireNonNull(subscription);
        NodeResolver resolver = new NodeResolver(config.name(), client);
        items.add(client, current.id(), resolver.resolve(config.nodes()));
        file.write(config.endpoint(), current.id().longValue(), items.meaning());
        incomplete = resolver.missing() + items.refusedCount() > 0;
        metrics.nodesRefused.labelValues(config.name()).set(resolver.missing() + items.refusedCount());
        metrics.nodes.labelValues(config.name()).set(items.size() - items.refusedCount());
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
    private void leave(OpcUaClient client) {
        Subscription current = subscription;
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

    /** A new session, before anything is asked of it: the subscription comes along, or is lost. */
    private CompletableFuture<Unit> transfer(OpcUaClient client, OpcUaSession session) {
        Subscription current = subscription;
        if (current == null) {
            return CompletableFuture.completedFuture(Unit.VALUE);
        }
        return client.getTransport()
                .sendRequestMessage(new TransferSubscriptionsRequest(
                        client.newRequestHeader(session.getAuthenticationToken()),
                        new UInteger[] {current.id()},
                        false))
                .handle((response, failure) -> {
                    TransferResult[] results = response instanceof TransferSubscriptionsResponse transferred
                            ? transferred.getResults()
                            : null;
                    if (results != null
                            && results.length == 1
                            && results[0].getStatusCode().isGood()) {
                        current.transferred(results[0].getAvailableSequenceNumbers());
                    } else {
                        current.forgotten("the server did not hand over the subscription: "
                                + (results != null && results.length == 1
                                        ? results[0].getStatusCode()
                                        : failure == null ? "no answer" : ServerConnector.reason(failure)));
                    }
                    return Unit.VALUE;
                });
    }

    private final class Activity implements SessionActivityListener {
        private final OpcUaClient client;

        Activity(OpcUaClient client) {
            this.client = client;
        }

        @Override
        public void onSessionActive(UaSession session) {
            if (!isClosing()) {
                writer = new NodeWriter(client, config.requestTimeout());
            }
            metrics.connects.labelValues(config.name()).inc();
            metrics.connected.labelValues(config.name()).set(1);
            LOG.info("source {}: session at {} is active again", config.name(), config.endpoint());
            Subscription current = subscription;
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
    public CompletionStage<DeviceOutcome> carryOut(DeviceCommand command) {
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
        Subscription current = subscription;
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
