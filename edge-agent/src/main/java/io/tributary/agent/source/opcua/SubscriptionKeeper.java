package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.tributary.agent.clock.Clock;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaSession;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.core.util.Unit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which variables are watched, by which subscription at the server: makes it, takes it over from the session or the start
 * before, and tells what is missing when it was gone.
 *
 * <p>Of the connecting thread, but for {@link #transfer} and {@link #current}.
 */
final class SubscriptionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionKeeper.class);
    private static final int NOTIFICATION_VALUES_MOST = 1_000;

    private final OpcuaConfig config;
    private final SubscriptionFile file;
    private final NotificationFeed feed;
    private final ScheduledExecutorService executor;
    private final OpcuaMetrics metrics;
    private final Clock clock;
    private final Consumer<String> lost;

    private volatile @Nullable Subscription subscription;
    private @Nullable MonitoredItems watched;
    private int missing;

    /** @param lost hears on any thread why a subscription is of no use any more */
    SubscriptionKeeper(
            OpcuaConfig config,
            SubscriptionFile file,
            NotificationFeed feed,
            ScheduledExecutorService executor,
            OpcuaMetrics metrics,
            Clock clock,
            Consumer<String> lost) {
        this.config = config;
        this.file = file;
        this.feed = feed;
        this.executor = executor;
        this.metrics = metrics;
        this.clock = clock;
        this.lost = lost;
    }

    /** Null before there was one. Any thread. */
    @Nullable
    Subscription current() {
        return subscription;
    }

    /** Whether the configuration names variables that the server does not have, or not give. */
    boolean isIncomplete() {
        return missing + Objects.requireNonNull(watched).refusedCount() > 0;
    }

    /** What the configuration means at this server. */
    MonitoredItems find(OpcUaClient client) throws UaException {
        NodeResolver resolver = new NodeResolver(config.name(), client);
        client.readNamespaceTable();
        MonitoredItems items = new MonitoredItems(config, resolver.resolve(config.nodes()));
        missing = resolver.missing();
        return items;
    }

    void subscribe(OpcUaClient client, MonitoredItems items) throws UaException, IOException {
        Subscription before = subscription;
        Long known = file.read(config.endpoint(), items.meaning());
        if (before == null && known != null && adopt(client, uint(known), items)) {
            LOG.info("source {}: took over subscription {} at {}", config.name(), known, config.endpoint());
        } else {
            long gapFrom = before == null ? 0 : before.heardNs();
            create(client, items);
            if (before != null || known != null) {
                gap(before == null ? 0 : clock.monotonicNs() - gapFrom);
            }
        }
        watched = items;
        count(items);
    }

    private void count(MonitoredItems items) {
        metrics.nodesRefused.labelValues(config.name()).set(missing + items.refusedCount());
        metrics.nodes.labelValues(config.name()).set(items.size() - items.refusedCount());
    }

    private void create(OpcUaClient client, MonitoredItems items) throws UaException, IOException {
        double interval = config.publishingInterval().toMillis();
        long keepAlives = Math.max(1, (long) (config.keepAlive().toMillis() / interval));
        long lifetimes = Math.max(3 * keepAlives, (long) (config.lifetime().toMillis() / interval));
        CreateSubscriptionResponse created = client.createSubscription(
                interval, uint(lifetimes), uint(keepAlives), uint(NOTIFICATION_VALUES_MOST), true, ubyte(0));
        UInteger id = created.getSubscriptionId();
        items.create(client, id);
        file.write(config.endpoint(), id.longValue(), items.meaning());
        Subscription made = subscription(client, id, 1, items);
        subscription = made;
        made.resume();
        LOG.info(
                "source {}: subscribed to {} variables at {}",
                config.name(),
                items.size() - items.refusedCount(),
                config.endpoint());
    }

    /** Takes over the subscription of before the agent started. */
    private boolean adopt(OpcUaClient client, UInteger id, MonitoredItems items) throws UaException {
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
        Subscription taken = subscription(client, id, 0, items);
        subscription = taken;
        taken.transferred(results[0].getAvailableSequenceNumbers());
        return true;
    }

    private Subscription subscription(OpcUaClient client, UInteger id, long expected, MonitoredItems items) {
        return new Subscription(client, config, id, expected, items, feed, executor, metrics, clock, lost);
    }

    private void gap(long ns) {
        metrics.gaps.labelValues(config.name()).inc();
        metrics.gapSeconds.labelValues(config.name()).inc(ns / 1e9);
        LOG.warn(
                "source {}: changes are missing{}: the server had forgotten the subscription",
                config.name(),
                ns == 0 ? " from when the agent was down" : " of " + ns / 1_000_000 + " ms");
    }

    /** Adds what has come since to the subscription. */
    void lookAgain(OpcUaClient client) throws UaException, IOException {
        MonitoredItems items = Objects.requireNonNull(watched);
        Subscription current = Objects.requireNonNull(subscription);
        NodeResolver resolver = new NodeResolver(config.name(), client);
        items.add(client, current.id(), resolver.resolve(config.nodes()));
        missing = resolver.missing();
        file.write(config.endpoint(), current.id().longValue(), items.meaning());
        count(items);
    }

    /** A new session, before anything is asked of it: the subscription comes along, or is lost. On the library's threads. */
    CompletableFuture<Unit> transfer(OpcUaClient client, OpcUaSession session) {
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
}
