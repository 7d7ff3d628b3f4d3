package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Sorts and cuts row groups of heads, whose columns have no presence. */
final class RowGroups {
    private RowGroups() {}

    /** The rows by bucket of their event time, each ascending; rows of one event time stay in the order of arrival. */
    static TreeMap<Long, List<RowGroup>> byBucket(List<RowGroup> groups, long bucketNs) {
        TreeMap<Long, List<RowGroup>> buckets = new TreeMap<>();
        for (RowGroup group : groups) {
            RowGroup sorted = sorted(group);
            int from = 0;
            while (from < sorted.rows()) {
                long bucket = Math.floorDiv(sorted.eventTimes()[from], bucketNs);
                int to = from + 1;
                while (to < sorted.rows() && Math.floorDiv(sorted.eventTimes()[to], bucketNs) == bucket) {
                    to++;
                }
                buckets.computeIfAbsent(bucket, unused -> new ArrayList<>()).add(slice(sorted, from, to));
                from = to;
            }
        }
        return buckets;
    }

    /** By event time; the group itself when it is sorted. */
    static RowGroup sorted(RowGroup group) {
        long[] events = group.eventTimes();
        for (int row = 1; row < group.rows(); row++) {
            if (events[row] < events[row - 1]) {
                int[] order = IndexSort.sorted(group.rows(), (a, b) -> Long.compare(events[a], events[b]));
                return gather(group, order);
            }
        }
        return group;
    }

    static RowGroup slice(RowGroup group, int from, int to) {
        if (from == 0 && to == group.rows()) {
            return group;
        }
        int[] order = new int[to - from];
        for (int i = 0; i < order.length; i++) {
            order[i] = from + i;
        }
        return gather(group, order);
    }

    private static RowGroup gather(RowGroup group, int[] order) {
        int size = order.length;
        Column[] columns = new Column[group.columns().length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = Columns.gather(group.columns()[i], order, size);
        }
        return new RowGroup(
                size,
                SeriesRows.gather(group.eventTimes(), order, size),
                SeriesRows.gather(group.edgeTimes(), order, size),
                SeriesRows.gather(group.collectorTimes(), order, size),
                SeriesRows.gather(group.sequences(), order, size),
                SeriesRows.gather(group.origins(), order, size),
                group.channels(),
                columns);
    }

    /** Whether sorted groups have one reading at most per series and event time, as far as that is seen at a glance. */
    static boolean distinct(List<RowGroup> groups) {
        Set<SeriesKey> seen = new HashSet<>();
        for (RowGroup group : groups) {
            for (Channel channel : group.channels()) {
                if (!seen.add(SeriesKey.of(channel))) {
                    return false;
                }
            }
            for (int row = 1; row < group.rows(); row++) {
                if (group.eventTimes()[row] == group.eventTimes()[row - 1]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** In pieces of at most {@code rows} rows per group, ascending in time, for chunks of a size that is good to read. */
    static List<List<RowGroup>> pieces(List<RowGroup> groups, int rows) {
        int largest = 0;
        for (RowGroup group : groups) {
            largest = Math.max(largest, group.rows());
        }
        if (largest <= rows) {
            return List.of(groups);
        }
        long[] cuts = cuts(groups, rows);
        List<List<RowGroup>> pieces = new ArrayList<>();
        int[] from = new int[groups.size()];
        for (int cut = 0; cut <= cuts.length; cut++) {
            List<RowGroup> piece = new ArrayList<>();
            for (int i = 0; i < from.length; i++) {
                RowGroup group = groups.get(i);
                int to = from[i];
                while (to < group.rows() && (cut == cuts.length || group.eventTimes()[to] < cuts[cut])) {
                    to++;
                }
                if (to > from[i]) {
                    piece.add(sliceSparse(group, from[i], to));
                    from[i] = to;
                }
            }
            if (!piece.isEmpty()) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    /** Event times before which a piece ends: at every {@code rows}th row of the largest group. */
    private static long[] cuts(List<RowGroup> groups, int rows) {
        RowGroup largest = groups.get(0);
        for (RowGroup group : groups) {
            largest = group.rows() > largest.rows() ? group : largest;
        }
        long[] cuts = new long[(largest.rows() - 1) / rows];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = largest.eventTimes()[(i + 1) * rows];
        }
        return Arrays.stream(cuts).distinct().toArray();
    }

    /** As {@link #slice}, of columns that may have presence. */
    private static RowGroup sliceSparse(RowGroup group, int from, int to) {
        boolean dense = true;
        for (Column column : group.columns()) {
            dense &= column.presence() == null;
        }
        if (dense) {
            return slice(group, from, to);
        }
        int size = to - from;
        List<Column> columns = new ArrayList<>();
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < group.columns().length; i++) {
            Column column = group.columns()[i];
            int[] picked = new int[size];
            long[] presence = new long[(size + 63) >> 6];
            int count = 0;
            int index = 0;
            for (int row = 0; row < to; row++) {
                if (!column.isPresent(row)) {
                    continue;
                }
                if (row >= from) {
                    presence[(row - from) >> 6] |= 1L << (row - from);
                    picked[count++] = index;
                }
                index++;
            }
            if (count > 0) {
                Column values = Columns.gather(Columns.withPresence(column, null), picked, count);
                columns.add(count == size ? values : Columns.withPresence(values, presence));
                channels.add(group.channels()[i]);
            }
        }
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = from + i;
        }
        return new RowGroup(
                size,
                SeriesRows.gather(group.eventTimes(), order, size),
                SeriesRows.gather(group.edgeTimes(), order, size),
                SeriesRows.gather(group.collectorTimes(), order, size),
                SeriesRows.gather(group.sequences(), order, size),
                SeriesRows.gather(group.origins(), order, size),
                channels.toArray(Channel[]::new),
                columns.toArray(Column[]::new));
    }
}
