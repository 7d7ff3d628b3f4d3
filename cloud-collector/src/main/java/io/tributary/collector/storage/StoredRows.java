package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is stored at the event times of late rows. Only event times are decoded, until some are found that are shared: a
 * late row fills a gap, nearly always. A chunk that cannot be decoded is reported and left out. Not thread-safe.
 */
final class StoredRows {
    private final Quarantine quarantine;
    private final Mask mask;
    private final List<Met> met = new ArrayList<>(0);
    private long[] times = {};

    /** A group of a chunk with rows at shared times. */
    private record Met(Fragment fragment, ChunkGroup group) {}

    /**
     * @param late groups, ascending in event time
     * @param fragments of their device and bucket
     */
    StoredRows(List<RowGroup> late, List<Fragment> fragments, Mask mask, Quarantine quarantine) {
        this.mask = mask;
        this.quarantine = quarantine;
        for (RowGroup group : late) {
            Set<SeriesKey> series = new HashSet<>();
            for (Channel channel : group.channels()) {
                series.add(SeriesKey.of(channel));
            }
            for (Fragment fragment : fragments) {
                for (ChunkGroup stored : fragment.chunk().groups()) {
                    if (hasAny(stored, series, group.eventTimes()[0], group.eventTimes()[group.rows() - 1])) {
                        meet(group, fragment, stored);
                    }
                }
            }
        }
        Arrays.sort(times);
    }

    private static boolean hasAny(ChunkGroup stored, Set<SeriesKey> series, long first, long last) {
        if (stored.firstTime() > last || stored.lastTime() < first) {
            return false;
        }
        for (ChunkChannel channel : stored.channels()) {
            if (series.contains(SeriesKey.of(channel.channel()))) {
                return true;
            }
        }
        return false;
    }

    private void meet(RowGroup late, Fragment fragment, ChunkGroup stored) {
        long[] events;
        try {
            events = stored.eventTimes();
        } catch (CorruptColumnException e) {
            quarantine.report(fragment.key(), String.valueOf(e.getMessage()));
            return;
        }
        int size = times.length;
        long[] shared = Arrays.copyOf(times, size + late.rows());
        int from = 0;
        for (int row = 0; row < late.rows() && from < stored.rows(); row++) {
            int at = Arrays.binarySearch(events, from, stored.rows(), late.eventTimes()[row]);
            if (at >= 0) {
                shared[size++] = late.eventTimes()[row];
            }
            from = at >= 0 ? at : -at - 1;
        }
        if (size > times.length) {
            met.add(new Met(fragment, stored));
            times = Arrays.copyOf(shared, size);
        }
    }

    boolean isEmpty() {
        return met.isEmpty();
    }

    /** The series at the shared event times; each part ascends. */
    List<SeriesRows> series(SeriesKey key) {
        List<SeriesRows> stored = new ArrayList<>();
        for (Met each : met) {
            List<ChunkChannel> channels = each.group.channels();
            for (int i = 0; i < channels.size(); i++) {
                if (key.equals(SeriesKey.of(channels.get(i).channel()))) {
                    try {
                        SeriesRows rows =
                                mask.filter(ChunkSeries.load(each.group, i).at(times), false);
                        if (rows.size() > 0) {
                            stored.add(rows);
                        }
                    } catch (CorruptColumnException e) {
                        quarantine.report(each.fragment.key(), String.valueOf(e.getMessage()));
                    }
                }
            }
        }
        return stored;
    }
}
