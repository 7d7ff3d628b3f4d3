package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of one device does not count any more: expired buckets, and what pending erasures cover. */
final class Mask {
    static final Mask NONE = new Mask(DeviceRetention.FOREVER, List.of(), 1);

    private final DeviceRetention kept;
    private final List<Erasure> pending;
    private final long bucketNs;

    Mask(DeviceRetention kept, List<Erasure> pending, long bucketNs) {
        this.kept = kept;
        this.pending = pending;
        this.bucketNs = bucketNs;
    }

    /** Nothing of the device with a lower event time counts. */
    long fromNs() {
        long lowest = kept.lowest();
        return lowest == DeviceRetention.NEVER ? Long.MIN_VALUE / 2 : lowest * bucketNs;
    }

    boolean isExpired(String channel, long bucket) {
        return bucket < kept.horizon(channel);
    }

    boolean mayExpire(long bucket) {
        return bucket < kept.highest();
    }

    /** Erasures whose readings may still be in chunks. */
    List<Erasure> pending() {
        return pending;
    }

    boolean hasErasures() {
        return !pending.isEmpty();
    }

    /** Whether an erasure may cover readings of a chunk's series. */
    boolean mayErase(String channel, long firstNs, long lastNs) {
        for (Erasure erasure : pending) {
            if (erasure.coversAny(firstNs, lastNs) && erasure.coversChannel(channel)) {
                return true;
            }
        }
        return false;
    }

    private boolean isErased(String channel, long eventTimeNs, long collectorTimeNs) {
        for (Erasure erasure : pending) {
            if (erasure.covers(eventTimeNs, collectorTimeNs) && erasure.coversChannel(channel)) {
                return true;
            }
        }
        return false;
    }

    /** The rows that no erasure covers, or those that one does. Rows of heads are none of them. */
    SeriesRows filter(SeriesRows rows, boolean erased) {
        String channel = rows.channel().name();
        if (pending.isEmpty() || rows.size() == 0) {
            return erased ? rows.gather(new int[0], 0) : rows;
        }
        int[] picked = new int[rows.size()];
        int size = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (isErased(channel, rows.eventTimes()[i], rows.collectorTimes()[i]) == erased) {
                picked[size++] = i;
            }
        }
        return size == rows.size() ? rows : rows.gather(picked, size);
    }

    /**
     * A group of one bucket without expired channels; null when none is left.
     *
     * @param settlement is told of what is left out; null when nobody counts
     */
    @Nullable
    RowGroup unexpired(RowGroup group, long bucket, @Nullable Settlement settlement) {
        if (!mayExpire(bucket)) {
            return group;
        }
        int width = group.channels().length;
        Channel[] channels = new Channel[width];
        Column[] columns = new Column[width];
        int left = 0;
        for (int i = 0; i < width; i++) {
            if (!isExpired(group.channels()[i].name(), bucket)) {
                channels[left] = group.channels()[i];
                columns[left++] = group.columns()[i];
            }
        }
        if (settlement != null && left < width) {
            for (int row = 0; row < group.rows(); row++) {
                settlement.expired(group.origins()[row], width - left);
            }
        }
        if (left == width) {
            return group;
        }
        return left == 0
                ? null
                : new RowGroup(
                        group.rows(),
                        group.eventTimes(),
                        group.edgeTimes(),
                        group.collectorTimes(),
                        group.sequences(),
                        group.origins(),
                        Arrays.copyOf(channels, left),
                        Arrays.copyOf(columns, left));
    }
}
