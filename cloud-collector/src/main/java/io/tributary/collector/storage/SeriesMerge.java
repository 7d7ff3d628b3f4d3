package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which reading of a series wins at each event time.
 *
 * <pre>
 * settled   from chunks: each of them won over everything that arrived before it, so the latest arrival holds
 * fresh     from heads: taken in the order of arrival (collector time, then sequence), each against the holder:
 *           same agent        the later (epoch, sequence) wins
 *           different agents  the later collector time wins
 * </pre>
 *
 * Because nothing is compared but in the order of arrival, the result and the counts depend neither on when heads were
 * flushed nor on which fragments were folded. (The rule alone is no order: with two agents it can go in a circle.)
 */
final class SeriesMerge {
    private final SeriesRows rows;
    /** Rows before this one are settled. */
    private final int freshFrom;

    private final int[] winners;
    private final int size;

    private SeriesMerge(SeriesRows rows, int freshFrom, int[] winners, int size) {
        this.rows = rows;
        this.freshFrom = freshFrom;
        this.winners = winners;
        this.size = size;
    }

    /**
     * @param settled each ascending in event time
     * @param fresh in any order
     * @param settlement is told of fresh readings, and of settled ones that lose against them; null when nobody counts
     */
    static SeriesMerge of(List<SeriesRows> settled, List<SeriesRows> fresh, @Nullable Settlement settlement) {
        List<SeriesRows> parts = new ArrayList<>(settled.size() + fresh.size());
        parts.addAll(settled);
        parts.addAll(fresh);
        int freshFrom = 0;
        for (SeriesRows part : settled) {
            freshFrom += part.size();
        }
        SeriesRows rows = SeriesRows.concat(parts);
        if (settlement != null) {
            for (int i = freshFrom; i < rows.size(); i++) {
                settlement.stored(rows.origins()[i], 1);
            }
        }
        if (rows.ascends()) {
            return new SeriesMerge(rows, freshFrom, new int[0], -1);
        }
        int[] order = order(rows, freshFrom);
        int size = 0;
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            long event = rows.eventTimes()[order[from]];
            while (to < order.length && rows.eventTimes()[order[to]] == event) {
                to++;
            }
            order[size++] = to == from + 1 ? order[from] : winner(rows, freshFrom, order, from, to, settlement);
            from = to;
        }
        return new SeriesMerge(rows, freshFrom, order, size);
    }

    /** By event time, settled before fresh, then in the order of arrival. */
    private static int[] order(SeriesRows rows, int freshFrom) {
        long[] events = rows.eventTimes();
        long[] collectors = rows.collectorTimes();
        long[] sequences = rows.sequences();
        return IndexSort.sorted(rows.size(), (a, b) -> {
            if (events[a] != events[b]) {
                return Long.compare(events[a], events[b]);
            }
            if (a < freshFrom != b < freshFrom) {
                return a < freshFrom ? -1 : 1;
            }
            return collectors[a] != collectors[b]
                    ? Long.compare(collectors[a], collectors[b])
                    : Long.compare(sequences[a], sequences[b]);
        });
    }

    private static int winner(
            SeriesRows rows, int freshFrom, int[] order, int from, int to, @Nullable Settlement settlement) {
        int holder = order[from];
        for (int i = from + 1; i < to; i++) {
            int next = order[i];
            if (next < freshFrom) {
                holder = next; // superseded in an older fragment, and counted then
                continue;
            }
            boolean wins = wins(rows, next, holder);
            int loser = wins ? holder : next;
            if (settlement != null) {
                settlement.lost(rows.origins()[loser], Columns.same(rows.values(), next, holder));
            }
            holder = wins ? next : holder;
        }
        return holder;
    }

    private static boolean wins(SeriesRows rows, int next, int holder) {
        return wins(
                rows.origins()[next],
                rows.collectorTimes()[next],
                rows.sequences()[next],
                rows.origins()[holder],
                rows.collectorTimes()[holder],
                rows.sequences()[holder]);
    }

    /** Whether the reading that arrived later wins over the one that holds. */
    static boolean wins(
            Origin next,
            long nextCollectorTime,
            long nextSequence,
            Origin holder,
            long holderCollectorTime,
            long holderSequence) {
        if (next != holder && !next.agent().equals(holder.agent())) {
            return nextCollectorTime >= holderCollectorTime;
        }
        return next.epoch() != holder.epoch() ? next.epoch() > holder.epoch() : nextSequence >= holderSequence;
    }

    /** Every winner, ascending. */
    SeriesRows winners() {
        return size < 0 ? rows : rows.gather(winners, size);
    }

    /** The winners that are fresh, ascending; may be empty. */
    SeriesRows freshWinners() {
        if (size < 0 && freshFrom == 0) {
            return rows;
        }
        int[] picked = new int[rows.size() - freshFrom];
        int count = 0;
        for (int i = 0; i < (size < 0 ? rows.size() : size); i++) {
            int row = size < 0 ? i : winners[i];
            if (row >= freshFrom) {
                picked[count++] = row;
            }
        }
        return rows.gather(picked, count);
    }
}
