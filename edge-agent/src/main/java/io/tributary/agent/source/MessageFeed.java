package io.tributary.agent.source;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of one connection on their way into the intake, in order; each hears once what became of it.
 *
 * <pre>
 * messages -> [ queue ] -> one group at the intake: readings joined to one batch, dead letters beside it -> fates, in order
 *                          refused for later: the same again, later. Refused for good: one by one, the culprit to the letters
 * </pre>
 *
 * One group at a time keeps a device's order also when the intake pushes back; the messages that come meanwhile make the
 * next group, so that the rate does not depend on how long a sync takes. Not thread-safe: see {@link MessageFeeds}.
 */
public final class MessageFeed {
    private static final Logger LOG = LoggerFactory.getLogger(MessageFeed.class);
    private static final int GROUP_MESSAGES_MAX = 512;
    private static final long GROUP_BYTES_MAX = 256 << 10;
    /** What an item costs beside its payload; keeps empty messages from being free. */
    private static final int ITEM_BYTES = 128;

    private final MessageFeeds feeds;
    private final Runnable changed;
    private final Deque<Item> queue = new ArrayDeque<>(4);
    private final List<Item> group = new ArrayList<>(4);
    /** Readings of the group that are still to be handed in, part by part; one part unless the whole was refused. */
    private final Deque<List<Item>> parts = new ArrayDeque<>(2);

    private int open;
    private long bytes;
    private boolean refused;
    private boolean abandoned;

    MessageFeed(MessageFeeds feeds, Runnable changed) {
        this.feeds = feeds;
        this.changed = changed;
    }

    /** What became of a message. */
    public enum Outcome {
        /** Its readings are as durable as asked for. */
        TAKEN,
        /** It is kept as a dead letter, fsynced. */
        LETTERED,
        /** Nothing of it was taken, and never will be. */
        REFUSED,
        /** Nothing of it was taken; its sender sends it again. */
        ABANDONED
    }

    /** Told once per message, on the executor's thread, in the order of the messages. */
    public interface Fate {
        /**
         * @param cause of a dead letter or refusal, else empty
         * @param detail of a dead letter or refusal, else empty
         */
        void settled(Outcome outcome, String cause, String detail);
    }

    private static final class Item {
        final byte[] payload;
        final long arrivalNs;
        final boolean sentAgain;
        final Fate fate;

        @Nullable
        Batch batch;

        String cause;
        String detail;

        @Nullable
        Outcome outcome;

        Item(MessageReader.Result read, byte[] payload, long arrivalNs, boolean sentAgain, Fate fate) {
            this.batch = read.batch();
            this.cause = read.cause();
            this.detail = read.detail();
            this.payload = payload;
            this.arrivalNs = arrivalNs;
            this.sentAgain = sentAgain;
            this.fate = fate;
        }

        long bytes() {
            return payload.length + ITEM_BYTES;
        }
    }

    /**
     * @param payload kept until the fate is known: what the intake never takes becomes a dead letter
     * @param arrivalNs stamp for rows without a time, from {@link ArrivalStamps}
     * @param sentAgain whether the sender sends it again when it hears nothing
     */
    public void add(MessageReader.Result read, byte[] payload, long arrivalNs, boolean sentAgain, Fate fate) {
        Item item = new Item(read, payload, arrivalNs, sentAgain, fate);
        queue.add(item);
        bytes += item.bytes();
        feeds.held(item.bytes());
    }

    /** Hands what has been added to the intake, unless a group is there; it goes on by itself then. */
    public void submit() {
        if (!group.isEmpty() || queue.isEmpty()) {
            return;
        }
        long size = 0;
        List<Item> readings = new ArrayList<>(Math.min(queue.size(), GROUP_MESSAGES_MAX));
        while (!queue.isEmpty() && group.size() < GROUP_MESSAGES_MAX && size < GROUP_BYTES_MAX) {
            Item item = queue.remove();
            size += item.bytes();
            group.add(item);
            if (item.batch != null) {
                readings.add(item);
            }
        }
        open = group.size() - readings.size() + 1;
        for (Item item : group) {
            if (item.batch == null) {
                letter(item);
            }
        }
        if (!readings.isEmpty()) {
            parts.add(readings);
        }
        takeNext();
    }

    /** Unsettled messages. */
    public int size() {
        return queue.size() + group.size();
    }

    public long bytes() {
        return bytes;
    }

    /** True while what is at the front has to be handed in again later: take nothing more from the device. */
    public boolean isRefused() {
        return refused;
    }

    /**
     * The connection is gone: what its sender sends again is dropped unless it is at the intake already. The rest is
     * still handed in.
     */
    public void abandon() {
        abandoned = true;
        List<Item> dropped = new ArrayList<>(0);
        queue.removeIf(item -> item.sentAgain && dropped.add(item));
        for (Item item : dropped) {
            item.outcome = Outcome.ABANDONED;
            settle(item);
        }
    }

    // ---- readings ----

    private void takeNext() {
        List<Item> part = parts.poll();
        if (part == null) {
            onExecutor(this::landed);
            return;
        }
        Batch batch = joined(part);
        if (batch.readingCount() == 0) {
            part.forEach(item -> item.outcome = Outcome.TAKEN);
            takeNext();
            return;
        }
        feeds.intake.take(feeds.source, batch, feeds.durability, new Receipt() {
            @Override
            public void taken() {
                onExecutor(() -> {
                    part.forEach(item -> item.outcome = Outcome.TAKEN);
                    refused = false;
                    takeNext();
                });
            }

            @Override
            public void refused(Refusal refusal) {
                onExecutor(() -> takeRefused(part, refusal));
            }
        });
    }

    private Batch joined(List<Item> items) {
        BatchBuilder builder = feeds.builder;
        for (Item item : items) {
            if (item.batch != null) {
                builder.append(item.batch, item.arrivalNs);
            }
        }
        return builder.build();
    }

    private void takeRefused(List<Item> part, Refusal refusal) {
        if (!refusal.isPermanent()) {
            parts.push(part);
            later(refusal, this::takeAgain);
            return;
        }
        if (part.size() == 1) {
            Item item = part.get(0);
            item.cause = refusal.cause();
            item.detail = refusal.detail();
            open++;
            letter(item);
        } else {
            // Halves, the first one first: the order holds, and the culprit is found in few steps.
            int half = part.size() / 2;
            parts.push(part.subList(half, part.size()));
            parts.push(part.subList(0, half));
        }
        takeNext();
    }

    private void takeAgain() {
        if (abandoned) {
            List<Item> kept = new ArrayList<>();
            for (Item item : parts.remove()) {
                if (item.sentAgain) {
                    item.outcome = Outcome.ABANDONED;
                } else {
                    kept.add(item);
                }
            }
            if (!kept.isEmpty()) {
                parts.push(kept);
            }
        }
        takeNext();
    }

    // ---- dead letters ----

    private void letter(Item item) {
        feeds.intake.deadLetter(feeds.source, item.cause, item.detail, item.payload, new Receipt() {
            @Override
            public void taken() {
                onExecutor(() -> {
                    item.outcome = Outcome.LETTERED;
                    landed();
                });
            }

            @Override
            public void refused(Refusal refusal) {
                onExecutor(() -> letterRefused(item, refusal));
            }
        });
    }

    private void letterRefused(Item item, Refusal refusal) {
        if (!refusal.isPermanent()) {
            later(refusal, () -> letterAgain(item));
            return;
        }
        item.outcome = Outcome.REFUSED;
        item.cause = refusal.cause();
        item.detail = refusal.detail();
        landed();
    }

    private void letterAgain(Item item) {
        if (abandoned && item.sentAgain) {
            item.outcome = Outcome.ABANDONED;
            landed();
        } else {
            letter(item);
        }
    }

    // ---- both ----

    /** Receipts come on other threads, maybe after the source has ended: there is nobody to be told then. */
    private void onExecutor(Runnable task) {
        try {
            feeds.executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("source {}: closed before a receipt came", feeds.source, e);
        }
    }

    private void later(Refusal refusal, Runnable again) {
        refused = true;
        var unused = feeds.executor.schedule(again, refusal.retryAfterMillis(), TimeUnit.MILLISECONDS);
        changed.run();
    }

    private void landed() {
        if (--open > 0) {
            return;
        }
        refused = false;
        List<Item> settled = List.copyOf(group);
        group.clear();
        settled.forEach(this::settle);
        submit();
        changed.run();
    }

    private void settle(Item item) {
        bytes -= item.bytes();
        feeds.held(-item.bytes());
        item.fate.settled(Objects.requireNonNull(item.outcome), item.cause, item.detail);
    }
}
