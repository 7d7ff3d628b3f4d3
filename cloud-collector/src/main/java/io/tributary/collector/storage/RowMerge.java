package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Column;
import java.util.List;

/**
 * Which rows win among fresh ones that share no series with another group and meet nothing stored: as {@link SeriesMerge}
 * decides, but once for all series of a row, which came with one sequence, by one agent, at one time. Values are compared
 * only where two rows share an event time.
 */
final class RowMerge {
    private RowMerge() {}

    /**
     * Whether this decides what {@link SeriesMerge} would: no series is in two groups, and rows of one event time lie in the
     * order of arrival.
     *
     * @param groups each ascending in event time, without presence
     */
    static boolean isEnough(List<RowGroup> groups) {
        if (!RowGroups.shareNoSeries(groups)) {
            return false;
        }
        for (RowGroup group : groups) {
            for (int row = 1; row < group.rows(); row++) {
                if (group.eventTimes()[row] == group.eventTimes()[row - 1] && !arrivedBefore(group, row - 1, row)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Of two rows in one place, which cannot be the same one. */
    static boolean arrivedBefore(RowGroup group, int a, int b) {
        long first = group.collectorTimes()[a];
        long second = group.collectorTimes()[b];
        return first < second || (first == second && group.sequences()[a] <= group.sequences()[b]);
    }

    /** The rows that win: the group itself when all do. */
    static RowGroup winners(RowGroup group, Settlement settlement) {
        count(group, settlement);
        int row = 1;
        while (row < group.rows() && group.eventTimes()[row] != group.eventTimes()[row - 1]) {
            row++;
        }
        if (row >= group.rows()) {
            return group;
        }
        int[] winners = new int[group.rows()];
        int size = 0;
        for (int next = 0; next < group.rows(); next++) {
            if (size == 0 || group.eventTimes()[winners[size - 1]] != group.eventTimes()[next]) {
                winners[size++] = next;
                continue;
            }
            int holder = winners[size - 1];
            boolean wins = SeriesMerge.wins(
                    group.origins()[next],
                    group.collectorTimes()[next],
                    group.sequences()[next],
                    group.origins()[holder],
                    group.collectorTimes()[holder],
                    group.sequences()[holder]);
            Origin loser = group.origins()[wins ? holder : next];
            for (Column column : group.columns()) {
                settlement.lost(loser, Columns.same(column, next, holder));
            }
            winners[size - 1] = wins ? next : holder;
        }
        return RowGroups.gather(group, winners, size);
    }

    private static void count(RowGroup group, Settlement settlement) {
        int width = group.columns().length;
        int from = 0;
        while (from < group.rows()) {
            Origin origin = group.origins()[from];
            int to = from + 1;
            while (to < group.rows() && group.origins()[to] == origin) {
                to++;
            }
            settlement.stored(origin, (long) (to - from) * width);
            from = to;
        }
    }
}
