package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LttbTest {
    /** The thesis's pseudo code, point by point, with areas by the shoelace formula over doubles. */
    private static List<Integer> oracle(long[] times, double[] values, int points) {
        int size = times.length;
        List<Integer> picked = new ArrayList<>();
        if (size <= points) {
            for (int i = 0; i < size; i++) {
                picked.add(i);
            }
            return picked;
        }
        List<List<Integer>> buckets = new ArrayList<>();
        buckets.add(List.of(0));
        double width = (double) (size - 2) / (points - 2);
        for (int b = 0; b < points - 2; b++) {
            List<Integer> bucket = new ArrayList<>();
            for (int i = (int) (b * width) + 1; i < (int) ((b + 1) * width) + 1; i++) {
                bucket.add(i);
            }
            buckets.add(bucket);
        }
        buckets.add(List.of(size - 1));
        picked.add(0);
        for (int b = 1; b < buckets.size() - 1; b++) {
            double x = buckets.get(b + 1).stream()
                    .mapToDouble(i -> times[i])
                    .average()
                    .orElseThrow();
            double y = buckets.get(b + 1).stream()
                    .mapToDouble(i -> values[i])
                    .average()
                    .orElseThrow();
            int a = picked.get(b - 1);
            int best = -1;
            double bestArea = -1;
            for (int i : buckets.get(b)) {
                double area =
                        Math.abs(times[a] * (values[i] - y) + times[i] * (y - values[a]) + x * (values[a] - values[i]))
                                / 2;
                if (area > bestArea) {
                    bestArea = area;
                    best = i;
                }
            }
            picked.add(best);
        }
        picked.add(size - 1);
        return picked;
    }

    @Test
    void pick_isWhatThePseudoCodePicks() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            int size = random.nextInt(300);
            long[] times = new long[size];
            double[] values = new double[size];
            for (int i = 0; i < size; i++) {
                times[i] = (i == 0 ? 0 : times[i - 1]) + 1 + random.nextInt(50);
                values[i] = random.nextGaussian(); // no two triangles alike
            }
            int points = 2 + random.nextInt(60);
            int[] picked = Lttb.pick(times, values, size, points);
            assertThat(java.util.Arrays.stream(picked).boxed().toList())
                    .as("seed %d", seed)
                    .isEqualTo(oracle(times, values, points));
        }
    }

    @Test
    void plot_thinsEverySeries_andKeepsItsEnds() throws IOException {
        MemoryReadings store = new MemoryReadings(100, false);
        Channel number = Channel.of("n", ValueType.LONG);
        Channel wave = Channel.of("wave", ValueType.DOUBLE);
        for (int i = 0; i < 1000; i++) {
            store.add(new Stored("a", wave, i, i + 1, i + 2, i % 97 == 0 ? Double.NaN : Math.sin(i / 30.0), 0));
            store.add("a", number, i, (long) i * i);
            store.add("a", Channel.of("text", ValueType.STRING), i, "x");
            store.add("b", number, i, 5L);
        }
        store.add("c", number, 7, 1L);
        List<String> rows = plot(store, 40);
        assertThat(rows).hasSize(40 + 40 + 40 + 1);
        assertThat(rows.get(0)).isEqualTo("a n 0 0");
        assertThat(rows.get(39)).isEqualTo("a n 999 " + 999 * 999);
        assertThat(rows.get(40)).startsWith("a wave 1 ");
        assertThat(rows.get(120)).isEqualTo("c n 7 1");
        assertThat(store.openCursors).isZero();
    }

    private static List<String> plot(MemoryReadings store, int points) throws IOException {
        QueryEngine engine =
                new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
        List<String> rows = new ArrayList<>();
        SeriesSelector all = new SeriesSelector(Glob.ALL, Map.of(), List.of());
        engine.plot(
                new ReadQuery(all, Axis.EVENT, TimeRange.ALL, true, ReadQuery.NO_LIMIT, null),
                points,
                engine.begin(() -> false),
                row -> rows.add(
                        row.device() + " " + row.channel().name() + " " + row.eventTimeNs() + " " + row.longValue()));
        return rows;
    }

    @Test
    void plot_alongAnotherAxis_isRefused() {
        MemoryReadings store = new MemoryReadings(100, false);
        QueryEngine engine =
                new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
        SeriesSelector all = new SeriesSelector(Glob.ALL, Map.of(), List.of());
        assertThatThrownBy(() -> engine.plot(
                        new ReadQuery(all, Axis.EDGE, TimeRange.ALL, true, ReadQuery.NO_LIMIT, null),
                        10,
                        engine.begin(() -> false),
                        row -> true))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("expected axis=event");
    }
}
