package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.tributary.agent.clock.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.StatusChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives what a subscription of the server publishes, in its sequence and without a hole, and acknowledges what the
 * outbox has.
 *
 * <pre>
 * publish request (with acknowledgements) -> response: sequence as expected -> feed -> settled: to be acknowledged
 *         ^                                  sequence further on: republish what is missing, then it
 *         +---- as long as the feed has room ---------------------------------------------+
 * </pre>
 *
 * The library's own subscriptions acknowledge on receipt; that would have the server forget what a crash of the agent
 * takes from memory. There is one publish request at a time: answers cannot overtake each other, and a server without
 * a request keeps its values, which is the backpressure. Owned by one executor of one thread.
 */
final class Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
    /** A hole larger than any server keeps is not asked for one by one. */
    private static final long HOLE_MOST = 1_000;

    private static final long SEQUENCE_MOST = 0xFFFFFFFFL;
    private static final long AGAIN_MILLIS = 500;
    private static final int SILENCES_MOST = 2;

    private final OpcUaClient client;
    private final OpcuaConfig config;
    private final UInteger id;
    private final MonitoredItems items;
    private final NotificationFeed feed;
    private final ScheduledExecutorService executor;
    private final OpcuaMetrics metrics;
    private final Clock clock;
    private final Consumer<String> lost;

    private final List<SubscriptionAcknowledgement> settled = new ArrayList<>();
    /** Sequences to be asked for again, in order; then {@link #held}. */
    private final Deque<Long> missing = new ArrayDeque<>();

    private @Nullable NotificationMessage held;
    /** The next one; 0 when the subscription is from before the agent started. */
    private long expected;

    private boolean running = true;
    private boolean asking;
    /** Answers of before a reconnect must not be taken for those of after it. */
    private int generation;

    private int silences;
    private volatile long heardNs;

    /**
     * @param expected the first sequence number, or 0 when it is not known
     * @param lost told once, on the executor, when the server has no such subscription any more
     */
    Subscription(
            OpcUaClient client,
            OpcuaConfig config,
            UInteger id,
            long expected,
            MonitoredItems items,
            NotificationFeed feed,
            ScheduledExecutorService executor,
            OpcuaMetrics metrics,
            Clock clock,
            Consumer<String> lost) {
        this.client = client;
        this.config = config;
        this.id = id;
        this.expected = expected;
        this.items = items;
        this.feed = feed;
        this.executor = executor;
        this.metrics = metrics;
        this.clock = clock;
        this.lost = lost;
        this.heardNs = clock.monotonicNs();
    }

    UInteger id() {
        return id;
    }

    /** Monotonic time of the last answer; a gap begins there. Any thread. */
    long heardNs() {
        return heardNs;
    }

    // ---- called by the source ----

    /** Begins, or goes on with a session that is active again. Any thread. */
    void resume() {
        onExecutor(() -> {
            generation++;
            asking = false;
            go();
        });
    }

    /**
     * It belongs to a new session. Any thread.
     *
     * @param available sequences that the server still has
     */
    void transferred(UInteger @Nullable [] available) {
        onExecutor(() -> {
            metrics.transfers.labelValues(config.name()).inc();
            missing.clear();
            held = null;
            for (UInteger each : available == null ? new UInteger[0] : available) {
                if (expected == 0 || each.longValue() >= expected) {
                    missing.add(each.longValue());
                }
            }
            generation++;
            asking = false;
            go();
        });
    }

    /** Asks for nothing more. Any thread. */
    void stop() {
        onExecutor(() -> running = false);
    }

    /** The server has forgotten it. Any thread. */
    void forgotten(String why) {
        onExecutor(() -> end(why));
    }

    // ---- the loop ----

    private void go() {
        if (!running || asking || feed.size() >= config.inFlight()) {
            return;
        }
        asking = true;
        Long again = missing.peek();
        if (again != null) {
            republish(again);
        } else {
            publish();
        }
    }

    private void publish() {
        int asked = generation;
        SubscriptionAcknowledgement[] acknowledged = settled.toArray(new SubscriptionAcknowledgement[0]);
        settled.clear();
        // The server answers at least once per keep-alive interval.
        UInteger hint =
                uint(3 * config.keepAlive().toMillis() + config.requestTimeout().toMillis());
        var unused = client.getSessionAsync()
                .thenCompose(session -> client.sendRequestAsync(new PublishRequest(
                        client.newRequestHeader(session.getAuthenticationToken(), hint), acknowledged)))
                .whenComplete((response, failure) -> onExecutor(() -> {
                    if (failure != null) {
                        settled.addAll(List.of(acknowledged));
                        failed(asked, failure);
                    } else if (response instanceof PublishResponse published) {
                        published(asked, published);
                    }
                }));
    }

    private void published(int asked, PublishResponse response) {
        if (asked == generation) {
            asking = false;
        }
        silences = 0;
        heardNs = clock.monotonicNs();
        if (running && id.equals(response.getSubscriptionId())) {
            received(response.getNotificationMessage());
        }
        go();
    }

    private void received(NotificationMessage message) {
        long sequence = message.getSequenceNumber().longValue();
        ExtensionObject[] data = message.getNotificationData();
        boolean keepAlive = data == null || data.length == 0;
        if (expected == 0) {
            expected = sequence;
        }
        if (sequence > expected) {
            long hole = sequence - expected;
            LOG.info("source {}: {} notifications before {} are missing", config.name(), hole, sequence);
            if (hole > HOLE_MOST) {
                lostNotifications(hole);
                expected = sequence;
            } else {
                for (long each = expected; each < sequence; each++) {
                    missing.add(each);
                }
                held = keepAlive ? null : message;
                return;
            }
        }
        if (!keepAlive) {
            accept(message);
        }
    }

    private void republish(long sequence) {
        int asked = generation;
        var unused = client.republishAsync(id, uint(sequence))
                .whenComplete((response, failure) -> onExecutor(() -> {
                    if (failure != null) {
                        notRepublished(asked, sequence, failure);
                    } else if (asked == generation) {
                        asking = false;
                        missing.remove(sequence);
                        metrics.republished.labelValues(config.name()).inc();
                        accept(response.getNotificationMessage());
                        recovered();
                    }
                }));
    }

    private void notRepublished(int asked, long sequence, Throwable failure) {
        if (status(failure) == StatusCodes.Bad_MessageNotAvailable && asked == generation) {
            asking = false;
            missing.remove(sequence);
            lostNotifications(1);
            expected = Math.max(expected, sequence + 1);
            recovered();
        } else {
            failed(asked, failure);
        }
    }

    private void recovered() {
        NotificationMessage next = held;
        if (missing.isEmpty() && next != null) {
            held = null;
            accept(next);
        }
        go();
    }

    private void accept(NotificationMessage message) {
        long sequence = message.getSequenceNumber().longValue();
        if (sequence < expected && expected - sequence < SEQUENCE_MOST / 2) {
            return; // sent again by chance: it is in the feed, or settled
        }
        expected = sequence == SEQUENCE_MOST ? 1 : sequence + 1;
        List<NotificationFeed.Sample> samples = new ArrayList<>();
        ExtensionObject[] data = message.getNotificationData();
        for (ExtensionObject each : data == null ? new ExtensionObject[0] : data) {
            UaStructuredType content = each.decode(client.getStaticEncodingContext());
            if (content instanceof DataChangeNotification changes && changes.getMonitoredItems() != null) {
                samples(changes.getMonitoredItems(), samples);
            } else if (content instanceof StatusChangeNotification change
                    && change.getStatus().isBad()) {
                end("the server ended the subscription: " + change.getStatus());
                return;
            }
        }
        SubscriptionAcknowledgement acknowledgement = new SubscriptionAcknowledgement(id, uint(sequence));
        feed.add(samples, () -> {
            settled.add(acknowledgement);
            go();
        });
    }

    private void samples(MonitoredItemNotification[] changes, List<NotificationFeed.Sample> into) {
        for (MonitoredItemNotification change : changes) {
            MonitoredNode node = items.node(change.getClientHandle());
            if (node != null) {
                into.add(new NotificationFeed.Sample(node, change.getValue()));
            }
        }
    }

    private void lostNotifications(long count) {
        metrics.lostNotifications.labelValues(config.name()).inc(count);
        LOG.warn("source {}: {} notifications are lost, the server does not have them any more", config.name(), count);
    }

    private void failed(int asked, Throwable failure) {
        if (asked != generation || !running) {
            return;
        }
        long code = status(failure);
        if (code == StatusCodes.Bad_NoSubscription || code == StatusCodes.Bad_SubscriptionIdInvalid) {
            end("the server has no such subscription");
        } else if (code == StatusCodes.Bad_Timeout && ++silences >= SILENCES_MOST) {
            end("the server does not answer publish requests");
        } else {
            LOG.debug("source {}: asked in vain, again in {} ms", config.name(), AGAIN_MILLIS, failure);
            try {
                var unused = executor.schedule(
                        () -> {
                            if (asked == generation) {
                                asking = false;
                                go();
                            }
                        },
                        AGAIN_MILLIS,
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("source {}: closed meanwhile", config.name(), e);
            }
        }
    }

    private static long status(Throwable failure) {
        return UaException.extractStatusCode(failure)
                .map(status -> status.getValue() & 0xFFFF0000L)
                .orElse(0L);
    }

    private void end(String why) {
        if (running) {
            running = false;
            lost.accept(why);
        }
    }

    private void onExecutor(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("source {}: closed before an answer came", config.name(), e);
        }
    }
}
