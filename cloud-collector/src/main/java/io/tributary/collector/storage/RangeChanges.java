package io.tributary.collector.storage;

import java.util.List;

/**
 * When ranges were changed last, as the growing number of the change: whoever remembers something of a range, and the
 * number of the last change before it looked, learns whether it still holds.
 *
 * <pre>
 * ranges   [ -3, -3 ] [ 7, 9 ] [ 10, 10 ]     disjoint, ascending
 * numbers      12        4         57         each of the last change that touched it
 * </pre>
 *
 * With more ranges than it keeps, two neighbours become one: those that were changed longest ago. Any thread.
 */
final class RangeChanges {
    private static final int KEPT = 16;

    // guarded by this
    private long[] lows = new long[KEPT + 2];
    private long[] highs = new long[KEPT + 2];
    private long[] numbers = new long[KEPT + 2];
    private int size;

    /**
     * @param number above that of every change before
     * @param low lowest of what was changed
     * @param high highest, inclusive
     */
    synchronized void changed(long number, long low, long high) {
        for (int i = 0; i < size; i++) {
            if (lows[i] == low && highs[i] == high) { // the same again, nearly always
                numbers[i] = number;
                return;
            }
        }
        insert(number, low, high);
        while (size > KEPT) {
            joinOldest();
        }
    }

    /** The number of the last change that may have touched {@code [low, high]}; {@link Long#MIN_VALUE} when none has. */
    synchronized long last(long low, long high) {
        long last = Long.MIN_VALUE;
        for (int i = 0; i < size; i++) {
            if (lows[i] <= high && highs[i] >= low) {
                last = Math.max(last, numbers[i]);
            }
        }
        return last;
    }

    /** What it overlaps of others is cut away: at most one is cut in two, so that there are two more at most. */
    private void insert(long number, long low, long high) {
        long[] newLows = new long[lows.length];
        long[] newHighs = new long[lows.length];
        long[] newNumbers = new long[lows.length];
        int count = 0;
        boolean placed = false;
        for (int i = 0; i < size; i++) {
            if (lows[i] < low) {
                newLows[count] = lows[i];
                newHighs[count] = Math.min(highs[i], low - 1);
                newNumbers[count++] = numbers[i];
            }
            if (!placed && highs[i] > high) {
                count = put(newLows, newHighs, newNumbers, count, low, high, number);
                placed = true;
            }
            if (highs[i] > high) {
                newLows[count] = Math.max(lows[i], high + 1);
                newHighs[count] = highs[i];
                newNumbers[count++] = numbers[i];
            }
        }
        if (!placed) {
            count = put(newLows, newHighs, newNumbers, count, low, high, number);
        }
        lows = newLows;
        highs = newHighs;
        numbers = newNumbers;
        size = count;
    }

    private static int put(long[] lows, long[] highs, long[] numbers, int at, long low, long high, long number) {
        lows[at] = low;
        highs[at] = high;
        numbers[at] = number;
        return at + 1;
    }

    private void joinOldest() {
        int oldest = 0;
        for (int i = 1; i < size - 1; i++) {
            if (Math.max(numbers[i], numbers[i + 1]) < Math.max(numbers[oldest], numbers[oldest + 1])) {
                oldest = i;
            }
        }
        highs[oldest] = highs[oldest + 1];
        numbers[oldest] = Math.max(numbers[oldest], numbers[oldest + 1]);
        int behind = oldest + 2;
        for (long[] each : List.of(lows, highs, numbers)) {
            System.arraycopy(each, behind, each, behind - 1, size - behind);
        }
        size--;
    }
}
