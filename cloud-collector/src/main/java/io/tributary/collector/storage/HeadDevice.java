package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Quality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a head held of a device at one moment. Later appends do not show.
 *
 * @param tags empty when no append told any
 * @param rows at most; those of appends from {@code appendLimit} on are left out
 * @param tail the last row, {@code segment << ROW_BITS | row}
 */
record HeadDevice(
        String id,
        Map<String, String> tags,
        long firstEventTimeNs,
        long lastEventTimeNs,
        HeadSegment[] segments,
        int tail,
        int rows,
        Origin[] origins,
        long[] collectorTimes,
        int appendLimit) {

    /** The rows with event times in {@code [fromNs, toNs)}, one group per layout, in the order of arrival. */
    List<RowGroup> groups(long fromNs, long toNs) {
        int[] picked = new int[rows];
        int from = rows;
        int row = tail;
        for (int i = 0; i < rows; i++) {
            HeadSegment segment = segments[row >>> HeadSegment.ROW_BITS];
            int at = row & HeadSegment.ROW_MASK;
            long event = segment.eventTimes[at];
            if (event >= fromNs && event < toNs && segment.appends[at] < appendLimit) {
                picked[--from] = row;
            }
            row = segment.previous[at];
        }
        if (from == rows) {
            return List.of();
        }
        return byLayout(picked, from);
    }

    /** Tells a record of the rows, in the order of their arrival. */
    void describe(DeviceRecord record) {
        record.tell(tags);
        int[] order = new int[rows];
        int row = tail;
        for (int i = rows - 1; i >= 0; i--) {
            order[i] = row;
            row = segments[row >>> HeadSegment.ROW_BITS].previous[row & HeadSegment.ROW_MASK];
        }
        for (int from = 0; from < rows; ) {
            HeadLayout layout = layoutOf(order[from]);
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            int to = from;
            while (to < rows && layoutOf(order[to]) == layout) {
                HeadSegment segment = segments[order[to] >>> HeadSegment.ROW_BITS];
                long event = segment.eventTimes[order[to] & HeadSegment.ROW_MASK];
                first = Math.min(first, event);
                last = Math.max(last, event);
                to++;
            }
            HeadSegment segment = segments[order[from] >>> HeadSegment.ROW_BITS];
            long collectorTime = collectorTimes[segment.appends[order[from] & HeadSegment.ROW_MASK]];
            for (Channel channel : layout.channels()) {
                record.observe(channel, collectorTime, first, last);
            }
            from = to;
        }
    }

    private List<RowGroup> byLayout(int[] picked, int from) {
        HeadLayout first = layoutOf(picked[from]);
        boolean single = true;
        for (int i = from + 1; i < rows && single; i++) {
            single = layoutOf(picked[i]) == first;
        }
        if (single) {
            return List.of(group(first, Arrays.copyOfRange(picked, from, rows)));
        }
        Map<HeadLayout, int[]> counts = new IdentityHashMap<>();
        List<HeadLayout> order = new ArrayList<>();
        for (int i = from; i < rows; i++) {
            HeadLayout layout = layoutOf(picked[i]);
            int[] count = counts.get(layout);
            if (count == null) {
                count = new int[1];
                counts.put(layout, count);
                order.add(layout);
            }
            count[0]++;
        }
        Map<HeadLayout, int[]> rowsOf = new IdentityHashMap<>();
        counts.forEach((layout, count) -> rowsOf.put(layout, new int[count[0]]));
        for (int i = rows - 1; i >= from; i--) {
            HeadLayout layout = layoutOf(picked[i]);
            int[] count = counts.getOrDefault(layout, new int[1]);
            rowsOf.getOrDefault(layout, new int[0])[--count[0]] = picked[i];
        }
        List<RowGroup> groups = new ArrayList<>(order.size());
        for (HeadLayout layout : order) {
            groups.add(group(layout, rowsOf.getOrDefault(layout, new int[0])));
        }
        return groups;
    }

    private HeadLayout layoutOf(int row) {
        return segments[row >>> HeadSegment.ROW_BITS].layout;
    }

    private RowGroup group(HeadLayout layout, int[] picked) {
        int size = picked.length;
        long[] events = new long[size];
        long[] edges = new long[size];
        long[] collectors = new long[size];
        long[] sequences = new long[size];
        Origin[] of = new Origin[size];
        for (int i = 0; i < size; i++) {
            HeadSegment segment = segments[picked[i] >>> HeadSegment.ROW_BITS];
            int at = picked[i] & HeadSegment.ROW_MASK;
            events[i] = segment.eventTimes[at];
            edges[i] = segment.edgeTimes[at];
            sequences[i] = segment.sequences[at];
            collectors[i] = collectorTimes[segment.appends[at]];
            of[i] = origins[segment.appends[at]];
        }
        Column[] columns = new Column[layout.width()];
        for (int column = 0; column < columns.length; column++) {
            columns[column] = column(layout.channel(column), column, picked);
        }
        Channel[] channels = layout.channels();
        return new RowGroup(size, events, edges, collectors, sequences, of, channels, columns);
    }

    private Column column(Channel channel, int column, int[] picked) {
        int size = picked.length;
        byte[] quality = null;
        for (int i = 0; i < size; i++) {
            int code = segments[picked[i] >>> HeadSegment.ROW_BITS].qualityAt(column, picked[i] & HeadSegment.ROW_MASK);
            if (code != Quality.GOOD) {
                quality = quality == null ? new byte[size] : quality;
                quality[i] = (byte) code;
            }
        }
        switch (channel.type()) {
            case DOUBLE -> {
                double[] values = new double[size];
                for (int i = 0; i < size; i++) {
                    values[i] = segments[picked[i] >>> HeadSegment.ROW_BITS]
                            .doubles(column)[picked[i] & HeadSegment.ROW_MASK];
                }
                return Column.ofDoubles(values, size, null, quality);
            }
            case STRING -> {
                String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = segments[picked[i] >>> HeadSegment.ROW_BITS]
                            .strings(column)[picked[i] & HeadSegment.ROW_MASK];
                }
                return Column.ofStrings(values, size, null, quality);
            }
            case LONG -> {
                long[] values = new long[size];
                for (int i = 0; i < size; i++) {
                    values[i] = segments[picked[i] >>> HeadSegment.ROW_BITS]
                            .longs(column)[picked[i] & HeadSegment.ROW_MASK];
                }
                return Column.ofLongs(values, size, null, quality);
            }
            default -> {
                long[] values = new long[size];
                for (int i = 0; i < size; i++) {
                    values[i] = segments[picked[i] >>> HeadSegment.ROW_BITS]
                            .bools(column)[picked[i] & HeadSegment.ROW_MASK];
                }
                return Column.ofBools(values, size, null, quality);
            }
        }
    }
}
