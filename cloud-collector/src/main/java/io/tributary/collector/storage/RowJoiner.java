package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts series together again: those that share rows become a row group, with presence where a row lacks one of them.
 * A row is known by collector time and sequence: no two have both.
 *
 * <pre>
 * a  r1 r2    r4          rows  r1 r2 r3 r4
 * b     r2 r3 r4    ->    a     1  1  0  1       c  r5 r6  shares no row: a group of its own
 *                         b     0  1  1  1
 * </pre>
 */
final class RowJoiner {
    private RowJoiner() {}

    /** @param series without empty ones, each ascending in event time, no series twice */
    static List<RowGroup> join(List<SeriesRows> series) {
        List<List<SeriesRows>> same = sameRows(series);
        if (same.size() == 1) {
            return List.of(dense(same.get(0)));
        }
        int[] component = components(same);
        Map<Integer, List<List<SeriesRows>>> byComponent = new HashMap<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < component.length; i++) {
            List<List<SeriesRows>> members = byComponent.get(component[i]);
            if (members == null) {
                members = new ArrayList<>();
                byComponent.put(component[i], members);
                order.add(component[i]);
            }
            members.add(same.get(i));
        }
        List<RowGroup> groups = new ArrayList<>();
        for (int each : order) {
            List<List<SeriesRows>> members = byComponent.getOrDefault(each, List.of());
            groups.add(members.size() == 1 ? dense(members.get(0)) : sparse(members));
        }
        return groups;
    }

    /** Series of exactly the same rows, together. */
    private static List<List<SeriesRows>> sameRows(List<SeriesRows> series) {
        List<List<SeriesRows>> sets = new ArrayList<>();
        Map<Long, List<List<SeriesRows>>> byHash = new HashMap<>();
        for (SeriesRows each : series) {
            long hash = each.size();
            for (int i = 0; i < each.size(); i++) {
                hash = hash * 31 + (each.collectorTimes()[i] ^ each.sequences()[i] * 0x9E3779B97F4A7C15L);
            }
            List<List<SeriesRows>> candidates = byHash.computeIfAbsent(hash, unused -> new ArrayList<>(1));
            List<SeriesRows> found = null;
            for (List<SeriesRows> candidate : candidates) {
                if (same(candidate.get(0), each)) {
                    found = candidate;
                }
            }
            if (found == null) {
                found = new ArrayList<>();
                candidates.add(found);
                sets.add(found);
            }
            found.add(each);
        }
        return sets;
    }

    private static boolean same(SeriesRows a, SeriesRows b) {
        int size = a.size();
        return size == b.size()
                && Arrays.equals(a.sequences(), 0, size, b.sequences(), 0, size)
                && Arrays.equals(a.collectorTimes(), 0, size, b.collectorTimes(), 0, size);
    }

    private record RowKey(long collectorTime, long sequence) {}

    /** Sets that share a row get the same number. */
    private static int[] components(List<List<SeriesRows>> sets) {
        int[] parent = new int[sets.size()];
        for (int i = 0; i < parent.length; i++) {
            parent[i] = i;
        }
        Map<RowKey, Integer> owner = new HashMap<>();
        for (int i = 0; i < parent.length; i++) {
            SeriesRows rows = sets.get(i).get(0);
            for (int row = 0; row < rows.size(); row++) {
                Integer other = owner.putIfAbsent(new RowKey(rows.collectorTimes()[row], rows.sequences()[row]), i);
                if (other != null) {
                    parent[root(parent, other)] = root(parent, i);
                }
            }
        }
        int[] result = new int[parent.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = root(parent, i);
        }
        return result;
    }

    private static int root(int[] parent, int of) {
        int at = of;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    private static RowGroup dense(List<SeriesRows> series) {
        SeriesRows first = series.get(0);
        Channel[] channels = new Channel[series.size()];
        Column[] columns = new Column[channels.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = series.get(i).channel();
            columns[i] = series.get(i).values();
        }
        return group(first, channels, columns);
    }

    private static RowGroup group(SeriesRows rows, Channel[] channels, Column[] columns) {
        return new RowGroup(
                rows.size(),
                rows.eventTimes(),
                rows.edgeTimes(),
                rows.collectorTimes(),
                rows.sequences(),
                rows.origins(),
                channels,
                columns);
    }

    private static RowGroup sparse(List<List<SeriesRows>> sets) {
        Union union = Union.of(sets);
        List<Channel> channels = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            boolean everywhere = sets.get(i).get(0).size() == union.size;
            for (SeriesRows each : sets.get(i)) {
                channels.add(each.channel());
                columns.add(everywhere ? each.values() : Columns.withPresence(each.values(), union.presence[i]));
            }
        }
        return group(union.rows(), channels.toArray(Channel[]::new), columns.toArray(Column[]::new));
    }

    /** The rows of several sets, each once, by event time, then arrival. */
    private static final class Union {
        private final SeriesRows[] sets;
        private final int[] setOf;
        private final int[] rowOf;
        private final long[][] presence;
        private int size;

        private Union(SeriesRows[] sets, int total) {
            this.sets = sets;
            this.setOf = new int[total];
            this.rowOf = new int[total];
            this.presence = new long[sets.length][(total + 63) >> 6];
        }

        static Union of(List<List<SeriesRows>> lists) {
            SeriesRows[] sets = new SeriesRows[lists.size()];
            int total = 0;
            for (int i = 0; i < sets.length; i++) {
                sets[i] = lists.get(i).get(0);
                total = Math.addExact(total, sets[i].size());
            }
            Union union = new Union(sets, total);
            int[] setAt = new int[total];
            int[] rowAt = new int[total];
            int at = 0;
            for (int i = 0; i < sets.length; i++) {
                for (int row = 0; row < sets[i].size(); row++) {
                    setAt[at] = i;
                    rowAt[at++] = row;
                }
            }
            int[] order =
                    IndexSort.sorted(total, (a, b) -> compare(sets[setAt[a]], rowAt[a], sets[setAt[b]], rowAt[b]));
            for (int i = 0; i < total; i++) {
                union.add(setAt[order[i]], rowAt[order[i]]);
            }
            return union;
        }

        private void add(int set, int row) {
            if (size == 0 || compare(sets[setOf[size - 1]], rowOf[size - 1], sets[set], row) != 0) {
                setOf[size] = set;
                rowOf[size++] = row;
            }
            int at = size - 1;
            presence[set][at >> 6] |= 1L << at;
        }

        private static int compare(SeriesRows a, int rowA, SeriesRows b, int rowB) {
            int byEvent = Long.compare(a.eventTimes()[rowA], b.eventTimes()[rowB]);
            if (byEvent != 0) {
                return byEvent;
            }
            int byCollector = Long.compare(a.collectorTimes()[rowA], b.collectorTimes()[rowB]);
            return byCollector != 0 ? byCollector : Long.compare(a.sequences()[rowA], b.sequences()[rowB]);
        }

        SeriesRows rows() {
            long[] events = new long[size];
            long[] edges = new long[size];
            long[] collectors = new long[size];
            long[] sequences = new long[size];
            Origin[] origins = new Origin[size];
            for (int i = 0; i < size; i++) {
                SeriesRows from = sets[setOf[i]];
                events[i] = from.eventTimes()[rowOf[i]];
                edges[i] = from.edgeTimes()[rowOf[i]];
                collectors[i] = from.collectorTimes()[rowOf[i]];
                sequences[i] = from.sequences()[rowOf[i]];
                origins[i] = from.origins()[rowOf[i]];
            }
            SeriesRows any = sets[0];
            return new SeriesRows(any.channel(), size, events, edges, collectors, sequences, origins, any.values());
        }
    }
}
