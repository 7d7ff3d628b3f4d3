package io.tributary.collector.query;

import java.util.Arrays;

/**
 * All values of each window, for percentiles. What a query may keep at the same time is bounded by its limits; what is
 * given out is released.
 */
final class KeptValues {
    private static final double[] NONE = {};
    private static final int FIRST_CAPACITY = 16;

    private final QueryRun run;
    private final double[][] values;
    private final int[] sizes;
    private final boolean[] sorted;
    private long held;

    KeptValues(int windows, QueryRun run) {
        this.run = run;
        this.values = new double[windows][];
        this.sizes = new int[windows];
        this.sorted = new boolean[windows];
        Arrays.fill(values, NONE);
    }

    /** Adds those that are not NaN. */
    void add(int window, double[] from, int first, int end) {
        int needed = sizes[window] + end - first;
        double[] to = values[window];
        if (needed > to.length) {
            int capacity = Math.max(needed, Math.max(FIRST_CAPACITY, to.length + (to.length >> 1)));
            run.keep(capacity - to.length);
            held += capacity - to.length;
            to = Arrays.copyOf(to, capacity);
            values[window] = to;
        }
        int size = sizes[window];
        for (int i = first; i < end; i++) {
            if (!Double.isNaN(from[i])) {
                to[size++] = from[i];
            }
        }
        sizes[window] = size;
        sorted[window] = false;
    }

    /**
     * The value below which a part of the values lies, on the straight line between the two nearest ranks (R's type 7,
     * SQL's {@code percentile_cont}); NaN when there are none.
     */
    double quantile(int window, double part) {
        int size = sizes[window];
        if (size == 0) {
            return Double.NaN;
        }
        double[] of = values[window];
        if (!sorted[window]) {
            Arrays.sort(of, 0, size);
            sorted[window] = true;
        }
        double rank = part * (size - 1);
        int below = (int) rank;
        double rest = rank - below;
        // Equal neighbours, infinite ones among them, are the answer as they are.
        return rest == 0 || of[below] == of[below + 1] ? of[below] : of[below] + (of[below + 1] - of[below]) * rest;
    }

    /** Nothing more is asked. */
    void release() {
        run.keep(-held);
        held = 0;
        Arrays.fill(values, NONE);
        Arrays.fill(sizes, 0);
    }
}
