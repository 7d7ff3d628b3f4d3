package io.tributary.agent.outbox;

import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockStamp;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins the readings of a group into as few batches as the limits allow, those of each priority apart. One thread.
 */
final class GroupEncoder {
    /** Smaller differences are slewing. */
    private static final long STEP_NS = 500_000_000L;

    private final int readingsMax;
    private final long bytesMax;
    private final ChannelClasses classes;
    private final @Nullable ClockKeeper keeper;
    private final @Nullable Open[] open = new Open[ChannelClass.PRIORITIES];
    private final List<EncodedBatch> encoded = new ArrayList<>();

    /** A batch that is still being filled. */
    private static final class Open {
        private final BatchBuilder builder = new BatchBuilder();
        private long readings;
        private long bytes;
        private final long arrivalNs;
        private final long monotonicNs;

        Open(Waiting first) {
            arrivalNs = first.arrivalNs();
            monotonicNs = first.arrivalMonotonicNs();
        }

        /** Whether the wall clock was set between the two, so that one correction cannot be right for both. */
        boolean isOtherClock(long wallNs, long monotonic) {
            return Math.abs((wallNs - monotonic) - (arrivalNs - monotonicNs)) > STEP_NS;
        }
    }

    /** @param keeper null where the clock is always right */
    GroupEncoder(int readingsMax, long bytesMax, ChannelClasses classes, @Nullable ClockKeeper keeper) {
        this.readingsMax = readingsMax;
        this.bytesMax = bytesMax;
        this.classes = classes;
        this.keeper = keeper;
    }

    /** @throws IllegalArgumentException when something in the group cannot be encoded; the next call starts afresh */
    List<EncodedBatch> encode(List<Waiting> group) {
        encoded.clear();
        Arrays.fill(open, null);
        for (Waiting waiting : group) {
            Batch batch = waiting.batch();
            if (batch == null || waiting.readings() == 0) {
                continue;
            }
            if (classes.isEmpty()) {
                add(ChannelClass.DEFAULT_PRIORITY, batch, waiting.readings(), waiting.bytes(), waiting);
                continue;
            }
            @Nullable Batch[] parts = classes.split(batch);
            for (int priority = 0; priority < parts.length; priority++) {
                Batch part = parts[priority];
                if (part != null) {
                    long readings = part.readingCount();
                    long bytes = waiting.bytes() * readings / waiting.readings();
                    add(priority, part, readings, bytes, waiting);
                }
            }
        }
        for (int priority = 0; priority < open.length; priority++) {
            close(priority);
        }
        return List.copyOf(encoded);
    }

    private void add(int priority, Batch batch, long readings, long bytes, Waiting waiting) {
        Open to = open[priority];
        if (to != null
                && (to.readings + readings > readingsMax
                        || to.bytes + bytes > bytesMax
                        || to.isOtherClock(waiting.arrivalNs(), waiting.arrivalMonotonicNs()))) {
            close(priority);
            to = null;
        }
        if (to == null) {
            to = new Open(waiting);
            open[priority] = to;
        }
        to.builder.append(batch, waiting.arrivalNs());
        to.readings += readings;
        to.bytes += bytes;
    }

    private void close(int priority) {
        Open from = open[priority];
        if (from == null) {
            return;
        }
        open[priority] = null;
        Batch batch = from.builder.buildByTime();
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        for (Table table : batch.tables()) {
            for (int row = 0; row < table.rows(); row++) {
                oldest = Math.min(oldest, table.eventTimes()[row]);
                newest = Math.max(newest, table.eventTimes()[row]);
            }
        }
        encoded.add(new EncodedBatch(
                (int) from.readings,
                oldest,
                newest,
                from.arrivalNs,
                BatchCodec.encode(batch),
                priority,
                false,
                uncertain(from)));
    }

    /** Null when stamps are right; readings that waited while the clock was set count as wrong by what it was set. */
    private @Nullable ClockStamp uncertain(Open from) {
        if (keeper == null) {
            return null;
        }
        ClockStamp now = keeper.stamp();
        return from.isOtherClock(now.wallNs(), now.monotonicNs()) || keeper.isUncertain()
                ? new ClockStamp(now.boot(), from.arrivalNs, from.monotonicNs)
                : null;
    }
}
