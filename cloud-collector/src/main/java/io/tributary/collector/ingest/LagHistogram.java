package io.tributary.collector.ingest;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long rows took over one hop. A whole table is counted in one pass over its time columns into plain counters:
 * at millions of rows per second the client library's own histogram, one observation at a time, would cost more than
 * decoding does.
 */
final class LagHistogram {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    /** From a group commit to a week in the outbox. */
    private static final long[] BOUNDS_NS = {
        MILLI,
        2 * MILLI,
        5 * MILLI,
        10 * MILLI,
        20 * MILLI,
        50 * MILLI,
        100 * MILLI,
        200 * MILLI,
        500 * MILLI,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        30 * SECOND,
        60 * SECOND,
        600 * SECOND,
        3_600 * SECOND,
        6 * 3_600 * SECOND,
        86_400 * SECOND,
        7 * 86_400 * SECOND
    };

    /** First bound that a lag with this many leading zeros may fall under. */
    private static final byte[] FIRST_BOUND = firstBounds();

    private final LongAdder[] counts = new LongAdder[BOUNDS_NS.length + 1];
    private final DoubleAdder sumSeconds = new DoubleAdder();

    LagHistogram() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    /** Counts {@code later[i] - earlier[i]} of every row; a negative lag (clocks disagree) counts as 0. */
    void record(long[] earlier, long[] later, int rows) {
        long[] local = new long[counts.length];
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            long lag = Math.max(0, later[i] - earlier[i]);
            local[bucket(lag)]++;
            sum += lag;
        }
        add(local, sum);
    }

    void record(long[] earlier, long later, int rows) {
        long[] local = new long[counts.length];
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            long lag = Math.max(0, later - earlier[i]);
            local[bucket(lag)]++;
            sum += lag;
        }
        add(local, sum);
    }

    void record(long lagNs, long rows) {
        long lag = Math.max(0, lagNs);
        counts[bucket(lag)].add(rows);
        sumSeconds.add(lag * 1e-9 * rows);
    }

    private void add(long[] local, double sumNs) {
        for (int i = 0; i < local.length; i++) {
            if (local[i] != 0) {
                counts[i].add(local[i]);
            }
        }
        sumSeconds.add(sumNs * 1e-9);
    }

    static int bucket(long lagNs) {
        int bucket = FIRST_BOUND[Long.numberOfLeadingZeros(lagNs)];
        while (bucket < BOUNDS_NS.length && lagNs > BOUNDS_NS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    private static byte[] firstBounds() {
        byte[] first = new byte[65];
        for (int zeros = 0; zeros <= 64; zeros++) {
            long smallest = zeros == 64 ? 0 : 1L << (63 - zeros);
            byte bound = 0;
            while (bound < BOUNDS_NS.length && smallest > BOUNDS_NS[bound]) {
                bound++;
            }
            first[zeros] = bound;
        }
        return first;
    }

    HistogramSnapshot.HistogramDataPointSnapshot snapshot(Labels labels) {
        double[] bounds = new double[counts.length];
        Number[] values = new Number[counts.length];
        for (int i = 0; i < counts.length; i++) {
            bounds[i] = i < BOUNDS_NS.length ? BOUNDS_NS[i] / 1e9 : Double.POSITIVE_INFINITY;
            values[i] = counts[i].sum();
        }
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, values))
                .sum(sumSeconds.sum())
                .labels(labels)
                .build();
    }
}
