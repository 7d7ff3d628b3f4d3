package io.tributary.sim.load;

import java.util.Arrays;

/** From sending a batch to its acknowledgement. Any thread. */
final class AckTimes {
    private long[] nanos = new long[1024];
    private int size;

    synchronized void add(long time) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = time;
    }

    synchronized void clear() {
        size = 0;
    }

    synchronized int size() {
        return size;
    }

    /** 0 when there are none. */
    synchronized double millis(double quantile) {
        if (size == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1, Math.floor(quantile * size))] / 1e6;
    }
}
