package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LagHistogramTest {
    @Test
    void bucket_isTheFirstBoundNotBelowTheLag() {
        Random random = new Random(7);
        HistogramSnapshot.HistogramDataPointSnapshot empty = new LagHistogram().snapshot(Labels.EMPTY);
        for (int i = 0; i < 100_000; i++) {
            long lag = random.nextLong() >>> (1 + random.nextInt(63));
            int expected = 0;
            while (lag / 1e9 > empty.getClassicBuckets().getUpperBound(expected)) {
                expected++;
            }
            assertThat(LagHistogram.bucket(lag)).as("lag %d", lag).isEqualTo(expected);
        }
        assertThat(LagHistogram.bucket(0)).isZero();
        assertThat(LagHistogram.bucket(1_000_000)).isZero();
        assertThat(LagHistogram.bucket(1_000_001)).isEqualTo(1);
    }

    @Test
    void record_countsEveryRowAndItsLag() {
        LagHistogram histogram = new LagHistogram();
        histogram.record(new long[] {0, 10, 99}, new long[] {2_000_000_000L, 5, 99}, 2);
        histogram.record(new long[] {0}, 3_000_000_000L, 1);
        histogram.record(500_000_000, 4);
        HistogramSnapshot.HistogramDataPointSnapshot snapshot = histogram.snapshot(Labels.EMPTY);
        assertThat(snapshot.getCount()).isEqualTo(7);
        assertThat(snapshot.getSum()).isCloseTo(7.0, org.assertj.core.data.Offset.offset(1e-6));
    }
}
