package io.tributary.model;

import org.jspecify.annotations.Nullable;

/**
 * The order of rows by event time, for rows that are nearly in order: those that ascend stay where they are, the few late
 * ones are sorted on their own and merged in. Stable: rows of one event time keep their order, so that who came later
 * stays later.
 *
 * <pre>
 * times      10 20 40 50 30 60 20 70
 * ascending  10 20 40 50    60    70      late  30 20  ->  20 30
 * order       0  1  6  4  2  3  5  7
 * </pre>
 */
public final class EventOrder {
    private EventOrder() {}

    /**
     * The indexes {@code [from, to)} in the order of their times; null when they are in order as they are. Linear for rows
     * in order, and for each late row as many steps more as the logarithm of their number.
     */
    public static int @Nullable [] of(long[] times, int from, int to) {
        int inOrder = from + 1;
        while (inOrder < to && times[inOrder] >= times[inOrder - 1]) {
            inOrder++;
        }
        if (inOrder >= to) {
            return null;
        }
        int[] order = new int[to - from];
        int[] late = new int[to - inOrder];
        int kept = 0;
        for (; kept < inOrder - from; kept++) {
            order[kept] = from + kept;
        }
        int lateCount = 0;
        long highest = times[inOrder - 1];
        for (int row = inOrder; row < to; row++) {
            if (times[row] >= highest) {
                highest = times[row];
                order[kept++] = row;
            } else {
                late[lateCount++] = row;
            }
        }
        merge(times, order, kept, sorted(times, late, lateCount), lateCount);
        return order;
    }

    /** Merges from the end, into the room that the ascending ones leave. */
    private static void merge(long[] times, int[] order, int kept, int[] late, int lateCount) {
        int left = kept - 1;
        int right = lateCount - 1;
        for (int at = kept + lateCount - 1; right >= 0; at--) {
            if (left >= 0 && isBehind(times, order[left], late[right])) {
                order[at] = order[left--];
            } else {
                order[at] = late[right--];
            }
        }
    }

    private static boolean isBehind(long[] times, int a, int b) {
        return times[a] > times[b] || (times[a] == times[b] && a > b);
    }

    /** A natural merge sort: what is late is often a few runs in order. */
    private static int[] sorted(long[] times, int[] rows, int size) {
        int[] runEnds = new int[size];
        int runs = 0;
        for (int i = 1; i <= size; i++) {
            if (i == size || times[rows[i]] < times[rows[i - 1]]) {
                runEnds[runs++] = i;
            }
        }
        int[] from = rows;
        int[] to = runs > 1 ? new int[size] : rows;
        while (runs > 1) {
            int merged = 0;
            int start = 0;
            for (int run = 0; run < runs; run += 2) {
                int middle = runEnds[run];
                int end = run + 1 < runs ? runEnds[run + 1] : middle;
                int left = start;
                int right = middle;
                for (int at = start; at < end; at++) {
                    boolean takeLeft = right >= end || (left < middle && times[from[left]] <= times[from[right]]);
                    to[at] = takeLeft ? from[left++] : from[right++];
                }
                runEnds[merged++] = end;
                start = end;
            }
            runs = merged;
            int[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }
}
