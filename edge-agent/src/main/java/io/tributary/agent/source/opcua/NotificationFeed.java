package io.tributary.agent.source.opcua;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifications on their way into the intake, one after the other so that a variable's values keep their order.
 *
 * <pre>
 * notifications -> [ queue ] -> batch at the intake -> taken: settled
 *                                  ^ refused for later: the same again, later
 *                                  refused for good: halves, at last one value, which goes to the dead letters
 * </pre>
 *
 * Owned by one executor of one thread.
 */
final class NotificationFeed {
    private static final Logger LOG = LoggerFactory.getLogger(NotificationFeed.class);

    private final String source;
    private final Durability durability;
    private final Intake intake;
    private final ValueReader reader;
    private final ScheduledExecutorService executor;
    private final OpcuaMetrics metrics;
    private final BatchBuilder builder = new BatchBuilder();
    private final Deque<Item> queue = new ArrayDeque<>();
    /** Of the first in the queue: what is still to be handed in. */
    private final Deque<List<Sample>> parts = new ArrayDeque<>(2);

    /** Of all in the queue; read from outside. */
    private volatile int size;

    private boolean busy;

    /** One value of one variable. */
    record Sample(MonitoredNode node, DataValue value) {}

    private static final class Item {
        final List<Sample> samples;
        final Runnable settled;
        String outcome = "taken";

        Item(List<Sample> samples, Runnable settled) {
            this.samples = samples;
            this.settled = settled;
        }
    }

    NotificationFeed(OpcuaConfig config, Intake intake, ScheduledExecutorService executor, OpcuaMetrics metrics) {
        this.source = config.name();
        this.durability = config.durability();
        this.intake = intake;
        this.reader = new ValueReader(config.arrays(), config.arrayMax(), config.serverTime());
        this.executor = executor;
        this.metrics = metrics;
    }

    /** @param settled run on the executor when the server may forget the notification */
    void add(List<Sample> samples, Runnable settled) {
        queue.add(new Item(samples, settled));
        sized();
        if (!busy) {
            next();
        }
    }

    /** Unsettled notifications. Any thread. */
    int size() {
        return size;
    }

    private void sized() {
        size = queue.size();
        metrics.inFlight.labelValues(source).set(size);
    }

    private void next() {
        Item item = queue.peek();
        busy = item != null;
        if (item != null) {
            metrics.notifications.labelValues(source).inc();
            metrics.values.labelValues(source).inc(item.samples.size());
            parts.push(item.samples);
            takeNext(item, true);
        }
    }

    /** @param first whether refused values have not been counted yet */
    private void takeNext(Item item, boolean first) {
        List<Sample> part = parts.poll();
        if (part == null) {
            settle(item);
            return;
        }
        Batch batch = batch(part, first);
        if (batch.readingCount() == 0) {
            takeNext(item, first);
            return;
        }
        intake.take(source, batch, durability, new Receipt() {
            @Override
            public void taken() {
                onExecutor(() -> takeNext(item, false));
            }

            @Override
            public void refused(Refusal refusal) {
                onExecutor(() -> takeRefused(item, part, refusal));
            }
        });
    }

    private Batch batch(List<Sample> samples, boolean counts) {
        for (Sample sample : samples) {
            String cause = reader.read(sample.node(), sample.value(), builder);
            if (cause != null && counts) {
                refused(sample, cause);
            }
            if (counts && sample.value().getStatusCode().isOverflowSet()) {
                metrics.overflows.labelValues(source).inc();
            }
        }
        return builder.build();
    }

    private void refused(Sample sample, String cause) {
        metrics.refusedValues.labelValues(source, cause).inc();
        MonitoredNode node = sample.node();
        if (!node.refusalTold) {
            node.refusalTold = true;
            LOG.warn("source {}: values of {} are no readings: {}", source, node.id.toParseableString(), cause);
        }
    }

    private void takeRefused(Item item, List<Sample> part, Refusal refusal) {
        if (!refusal.isPermanent()) {
            parts.push(part);
            later(refusal, () -> takeNext(item, false));
        } else if (part.size() == 1) {
            letter(item, part.get(0), refusal);
        } else {
            int half = part.size() / 2;
            parts.push(part.subList(half, part.size()));
            parts.push(part.subList(0, half));
            takeNext(item, false);
        }
    }

    private void letter(Item item, Sample sample, Refusal why) {
        byte[] text = (sample.node().id.toParseableString() + " " + sample.value()).getBytes(StandardCharsets.UTF_8);
        intake.deadLetter(source, why.cause(), why.detail(), text, new Receipt() {
            @Override
            public void taken() {
                onExecutor(() -> {
                    item.outcome = "lettered";
                    takeNext(item, false);
                });
            }

            @Override
            public void refused(Refusal refusal) {
                onExecutor(() -> {
                    if (refusal.isPermanent()) {
                        item.outcome = "refused";
                        LOG.warn("source {}: not kept: {}", source, refusal.detail());
                        takeNext(item, false);
                    } else {
                        later(refusal, () -> letter(item, sample, why));
                    }
                });
            }
        });
    }

    private void settle(Item item) {
        queue.remove();
        sized();
        metrics.settled.labelValues(source, item.outcome).inc();
        item.settled.run();
        next();
    }

    private void later(Refusal refusal, Runnable again) {
        var unused = executor.schedule(again, refusal.retryAfterMillis(), TimeUnit.MILLISECONDS);
    }

    /** Receipts come on other threads, maybe after the source has ended: there is nobody to be told then. */
    private void onExecutor(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("source {}: closed before a receipt came", source, e);
        }
    }
}
