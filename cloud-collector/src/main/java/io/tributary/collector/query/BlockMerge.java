package io.tributary.collector.query;

import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.SeriesSlice;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The rows of all series of a block in one order: by event time, then channel, then type, or all of it backwards.
 * Channels of a device mostly share their times, so that finding the next time is paid once for all of them.
 */
final class BlockMerge {
    /** The order that {@link Position} compares by. */
    private static final Comparator<SeriesSlice> BY_CHANNEL = Comparator.comparing(
                    (SeriesSlice slice) -> slice.channel().name())
            .thenComparing(slice -> slice.channel().type());

    private final SeriesSlice[] slices;
    private final int[] next;
    private final boolean ascending;

    BlockMerge(DeviceBlock block, boolean ascending, QueryRun run) {
        this.ascending = ascending;
        int count = block.channels().size();
        slices = new SeriesSlice[count];
        next = new int[count];
        for (int i = 0; i < count; i++) {
            slices[i] = block.slice(i);
            run.scanned(slices[i].size());
        }
        Arrays.sort(slices, BY_CHANNEL);
        for (int i = 0; i < count; i++) {
            next[i] = ascending ? 0 : slices[i].size() - 1;
        }
    }

    interface Visitor {
        /** @return false to stop */
        boolean visit(SeriesSlice slice, int row) throws IOException;
    }

    /** @return false when the visitor stopped */
    boolean forEach(Visitor visitor) throws IOException {
        return isShared() ? forEachRow(visitor) : forEachTime(visitor);
    }

    /** Whether all series have the very same times, as those of a chunk have unless values are missing. */
    private boolean isShared() {
        for (SeriesSlice slice : slices) {
            if (slice.eventTimes() != slices[0].eventTimes() || slice.size() != slices[0].size()) {
                return false;
            }
        }
        return slices.length > 0;
    }

    private boolean forEachRow(Visitor visitor) throws IOException {
        int rows = slices[0].size();
        for (int step = 0; step < rows; step++) {
            int row = ascending ? step : rows - 1 - step;
            for (int i = 0; i < slices.length; i++) {
                if (!visitor.visit(slices[ascending ? i : slices.length - 1 - i], row)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean forEachTime(Visitor visitor) throws IOException {
        while (true) {
            boolean found = false;
            long time = 0;
            for (int i = 0; i < slices.length; i++) {
                if (hasNext(i)) {
                    long candidate = slices[i].eventTimes()[next[i]];
                    if (!found || (ascending ? candidate < time : candidate > time)) {
                        time = candidate;
                        found = true;
                    }
                }
            }
            if (!found) {
                return true;
            }
            for (int step = 0; step < slices.length; step++) {
                int i = ascending ? step : slices.length - 1 - step;
                if (hasNext(i) && slices[i].eventTimes()[next[i]] == time) {
                    int row = next[i];
                    next[i] += ascending ? 1 : -1;
                    if (!visitor.visit(slices[i], row)) {
                        return false;
                    }
                }
            }
        }
    }

    private boolean hasNext(int i) {
        return next[i] >= 0 && next[i] < slices[i].size();
    }
}
