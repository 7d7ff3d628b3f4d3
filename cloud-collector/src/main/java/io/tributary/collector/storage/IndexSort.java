package io.tributary.collector.storage;

/**
 * Stable sort of indexes by something they point at: a natural merge sort, because what is sorted here is a few runs, each
 * sorted already.
 */
final class IndexSort {
    private IndexSort() {}

    @FunctionalInterface
    interface Order {
        int compare(int a, int b);
    }

    /** @return 0 to size - 1 in order */
    static int[] sorted(int size, Order order) {
        int[] index = new int[size];
        for (int i = 0; i < size; i++) {
            index[i] = i;
        }
        int[] runEnds = new int[Math.max(1, size)];
        int runs = 0;
        for (int i = 1; i <= size; i++) {
            if (i == size || order.compare(i - 1, i) > 0) {
                runEnds[runs++] = i;
            }
        }
        int[] from = index;
        int[] to = runs > 1 ? new int[size] : index;
        while (runs > 1) {
            int merged = 0;
            int start = 0;
            for (int run = 0; run < runs; run += 2) {
                int middle = runEnds[run];
                int end = run + 1 < runs ? runEnds[run + 1] : middle;
                merge(from, to, start, middle, end, order);
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

    private static void merge(int[] from, int[] to, int start, int middle, int end, Order order) {
        int left = start;
        int right = middle;
        for (int at = start; at < end; at++) {
            if (right >= end || (left < middle && order.compare(from[left], from[right]) <= 0)) {
                to[at] = from[left++];
            } else {
                to[at] = from[right++];
            }
        }
    }
}
