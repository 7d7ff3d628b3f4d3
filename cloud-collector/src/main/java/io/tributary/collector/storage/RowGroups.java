package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.EventOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Sorts and cuts row groups of heads, whose columns have no presence. */
final class RowGroups {
    static final Comparator<Channel> BY_SERIES = Comparator.comparing(SeriesKey::of);

    private RowGroups() {}

    /** The rows by bucket of their event time, each ascending; rows of one event time stay in the order of arrival. */
    static TreeMap<Long, List<RowGroup>> byBucket(List<RowGroup> groups, long bucketNs) {
        TreeMap<Long, List<RowGroup>> buckets = new TreeMap<>();
        for (RowGroup group : groups) {
            RowGroup sorted = sorted(group);
            int from = 0;
            while (from < sorted.rows()) {
                long bucket = Math.floorDiv(sorted.eventTimes()[from], bucketNs);
                long last = bucket * bucketNs + (bucketNs - 1);
                int to = sorted.rows();
                if (sorted.eventTimes()[to - 1] > last) {
                    to = from + 1;
                    while (sorted.eventTimes()[to] <= last) {
                        to++;
                    }
                }
                buckets.computeIfAbsent(bucket, unused -> new ArrayList<>()).add(slice(sorted, from, to));
                from = to;
            }
        }
        return buckets;
    }

    /** By event time; the group itself when it is sorted. */
    static RowGroup sorted(RowGroup group) {
        int[] order = EventOrder.of(group.eventTimes(), 0, group.rows());
        return order == null ? group : gather(group, order, order.length);
    }

    /** The rows of sorted groups up to an event time, that one included. */
    static List<RowGroup> through(List<RowGroup> groups, long lastNs) {
        List<RowGroup> through = new ArrayList<>(0);
        for (RowGroup group : groups) {
            int end = countThrough(group, lastNs);
            if (end > 0) {
                through.add(slice(group, 0, end));
            }
        }
        return through;
    }

    /** The rows of sorted groups behind an event time. */
    static List<RowGroup> after(List<RowGroup> groups, long lastNs) {
        List<RowGroup> after = new ArrayList<>(groups.size());
        for (RowGroup group : groups) {
            int from = countThrough(group, lastNs);
            if (from < group.rows()) {
                after.add(slice(group, from, group.rows()));
            }
        }
        return after;
    }

    private static int countThrough(RowGroup group, long lastNs) {
        int row = 0;
        while (row < group.rows() && group.eventTimes()[row] <= lastNs) {
            row++;
        }
        return row;
    }

    /** Lowest event time of sorted groups. */
    static long firstEvent(List<RowGroup> groups) {
        long first = Long.MAX_VALUE;
        for (RowGroup group : groups) {
            first = Math.min(first, group.eventTimes()[0]);
        }
        return first;
    }

    /** Highest event time of sorted groups. */
    static long lastEvent(List<RowGroup> groups) {
        long last = Long.MIN_VALUE;
        for (RowGroup group : groups) {
            last = Math.max(last, group.eventTimes()[group.rows() - 1]);
        }
        return last;
    }

    /** Rows of a group whose columns have no presence. */
    static RowGroup slice(RowGroup group, int from, int to) {
        if (from == 0 && to == group.rows()) {
            return group;
        }
        Column[] columns = new Column[group.columns().length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = Columns.slice(group.columns()[i], from, to);
        }
        return new RowGroup(
                to - from,
                Arrays.copyOfRange(group.eventTimes(), from, to),
                Arrays.copyOfRange(group.edgeTimes(), from, to),
                Arrays.copyOfRange(group.collectorTimes(), from, to),
                Arrays.copyOfRange(group.sequences(), from, to),
                Arrays.copyOfRange(group.origins(), from, to),
                group.channels(),
                columns);
    }

    /**
     * One behind the other, with the channels in the order of {@link #BY_SERIES}.
     *
     * @param groups with the same channels, though in any order, without presence
     */
    static RowGroup concat(List<RowGroup> groups) {
        int size = 0;
        for (RowGroup group : groups) {
            size = Math.addExact(size, group.rows());
        }
        long[] events = new long[size];
        long[] edges = new long[size];
        long[] collectors = new long[size];
        long[] sequences = new long[size];
        Origin[] origins = new Origin[size];
        int width = groups.get(0).channels().length;
        Channel[] channels = groups.get(0).channels().clone();
        Arrays.sort(channels, BY_SERIES);
        List<List<Column>> columns = new ArrayList<>(width);
        for (int i = 0; i < width; i++) {
            columns.add(new ArrayList<>(groups.size()));
        }
        int at = 0;
        for (RowGroup group : groups) {
            System.arraycopy(group.eventTimes(), 0, events, at, group.rows());
            System.arraycopy(group.edgeTimes(), 0, edges, at, group.rows());
            System.arraycopy(group.collectorTimes(), 0, collectors, at, group.rows());
            System.arraycopy(group.sequences(), 0, sequences, at, group.rows());
            System.arraycopy(group.origins(), 0, origins, at, group.rows());
            at += group.rows();
            for (int i = 0; i < width; i++) {
                columns.get(Arrays.binarySearch(channels, group.channels()[i], BY_SERIES))
                        .add(group.columns()[i]);
            }
        }
        Column[] joined = new Column[width];
        for (int i = 0; i < width; i++) {
            joined[i] = Columns.concat(channels[i].type(), columns.get(i));
        }
        return new RowGroup(size, events, edges, collectors, sequences, origins, channels, joined);
    }

    /** The rows {@code order[0, size)}. */
    static RowGroup gather(RowGroup group, int[] order, int size) {
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

    /** Whether no series is in two groups, or twice in one. */
    static boolean shareNoSeries(List<RowGroup> groups) {
        Set<SeriesKey> seen = new HashSet<>();
        for (RowGroup group : groups) {
            for (Channel channel : group.channels()) {
                if (!seen.add(SeriesKey.of(channel))) {
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
