package io.tributary.collector.partition;

import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sequences as disjoint, ascending intervals that do not touch. Immutable: an agent that delivers in order has one
 * interval, so that a copy per change costs nothing, and readers need no lock.
 */
public final class SequenceSet {
    public static final SequenceSet EMPTY = new SequenceSet(new long[0]);

    /** first, end, first, end, ... */
    private final long[] bounds;

    /** Told how one set differs from another. */
    public interface Difference {
        void put(long first, long end);

        void remove(long first);
    }

    private SequenceSet(long[] bounds) {
        this.bounds = bounds;
    }

    public int intervals() {
        return bounds.length >> 1;
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    /** How many sequences. */
    public long count() {
        long count = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            count += bounds[i + 1] - bounds[i];
        }
        return count;
    }

    public List<SequenceRange> ranges() {
        List<SequenceRange> ranges = new ArrayList<>(intervals());
        for (int i = 0; i < bounds.length; i += 2) {
            ranges.add(SequenceRange.between(bounds[i], bounds[i + 1]));
        }
        return ranges;
    }

    /** How many of {@code [first, end)} are in the set. */
    public long countIn(long first, long end) {
        long count = 0;
        for (int i = endingAfter(first); i < bounds.length && bounds[i] < end; i += 2) {
            count += Math.min(end, bounds[i + 1]) - Math.max(first, bounds[i]);
        }
        return count;
    }

    /** What of {@code [first, end)} is not in the set. */
    public SequenceSet missing(long first, long end) {
        int i = endingAfter(first);
        if (i >= bounds.length || bounds[i] >= end) {
            return new SequenceSet(new long[] {first, end});
        }
        List<Long> gaps = new ArrayList<>();
        long at = first;
        for (; i < bounds.length && bounds[i] < end; i += 2) {
            if (bounds[i] > at) {
                gaps.add(at);
                gaps.add(bounds[i]);
            }
            at = bounds[i + 1];
        }
        if (at < end) {
            gaps.add(at);
            gaps.add(end);
        }
        return new SequenceSet(gaps.stream().mapToLong(Long::longValue).toArray());
    }

    /** The set with {@code [first, end)}; intervals that touch become one. */
    public SequenceSet plus(long first, long end) {
        if (first >= end) {
            return this;
        }
        int from = endingAfter(first - 1);
        int to = from;
        long low = first;
        long high = end;
        while (to < bounds.length && bounds[to] <= end) {
            low = Math.min(low, bounds[to]);
            high = Math.max(high, bounds[to + 1]);
            to += 2;
        }
        long[] next = new long[bounds.length - (to - from) + 2];
        System.arraycopy(bounds, 0, next, 0, from);
        next[from] = low;
        next[from + 1] = high;
        System.arraycopy(bounds, to, next, from + 2, bounds.length - to);
        return new SequenceSet(next);
    }

    public SequenceSet plus(SequenceSet other) {
        SequenceSet sum = this;
        for (int i = 0; i < other.bounds.length; i += 2) {
            sum = sum.plus(other.bounds[i], other.bounds[i + 1]);
        }
        return sum;
    }

    /** What has to be written so that intervals kept by their first sequence turn from {@code before} into this set. */
    public void difference(SequenceSet before, Difference difference) {
        int i = 0;
        int j = 0;
        while (i < before.bounds.length || j < bounds.length) {
            long old = i < before.bounds.length ? before.bounds[i] : Long.MAX_VALUE;
            long now = j < bounds.length ? bounds[j] : Long.MAX_VALUE;
            if (old < now) {
                difference.remove(old);
                i += 2;
            } else if (now < old || before.bounds[i + 1] != bounds[j + 1]) {
                difference.put(now, bounds[j + 1]);
                j += 2;
                i += now < old ? 0 : 2;
            } else {
                i += 2;
                j += 2;
            }
        }
    }

    /** Index in {@link #bounds} of the first interval whose end lies behind {@code sequence}. */
    private int endingAfter(long sequence) {
        int low = 0;
        int high = intervals();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bounds[2 * middle + 1] > sequence) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return 2 * low;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof SequenceSet other && Arrays.equals(bounds, other.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        return ranges().toString();
    }
}
