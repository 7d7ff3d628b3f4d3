package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random aggregates over random readings, against every function written out over the readings of each window. */
class AggregateOracleTest {
    private static final List<AggregateFunction> ALL = List.of(AggregateFunction.values());

    /** Series name to window start to the values of all functions. */
    private static final class Answer implements WindowSink {
        final Map<String, TreeMap<Long, double[]>> series = new LinkedHashMap<>();
        private TreeMap<Long, double[]> open = new TreeMap<>();

        @Override
        public void beginSeries(@Nullable String group, String channel, String unit) {
            open = new TreeMap<>();
            assertThat(series.put(group + " " + channel + " " + unit, open)).isNull();
        }

        @Override
        public void window(long startNs, double[] values) {
            assertThat(open.put(startNs, values.clone())).isNull();
        }

        @Override
        public void endSeries() {
            assertThat(open).isNotEmpty();
        }
    }

    private static @Nullable String group(MemoryReadings store, Stored row, Grouping grouping) {
        return switch (grouping.kind()) {
            case DEVICE -> row.device();
            case TAG -> store.tagsOf(row.device()).get(grouping.tag());
            case NONE -> null;
        };
    }

    @Test
    void aggregate_answersLikeBruteForce() throws IOException {
        long fromHeaders = 0;
        for (int seed = 0; seed < 600; seed++) {
            Random random = new Random(seed);
            MemoryReadings store = RandomReadings.store(random);
            TimeRange range = ReadOracleTest.range(random);
            long every = range == TimeRange.ALL || random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(3000);
            List<AggregateFunction> functions = random.nextInt(3) == 0
                    ? ALL
                    : List.of(AggregateFunction.AVG, AggregateFunction.MAX, AggregateFunction.FIRST);
            AggregateQuery query = new AggregateQuery(
                    ReadOracleTest.selector(random),
                    Axis.values()[random.nextInt(3)],
                    range,
                    every,
                    ZoneOffset.UTC,
                    functions,
                    List.of(Grouping.DEVICE, Grouping.NONE, Grouping.byTag("site"))
                            .get(random.nextInt(3)),
                    Fill.NONE);
            Answer answer = new Answer();
            QueryEngine engine =
                    new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
            QueryRun run = engine.begin(() -> false);
            engine.aggregate(query, run, answer);
            fromHeaders += run.headers();
            compare(seed, expected(store, query), answer, functions);
            assertThat(store.openCursors).isZero();
        }
        assertThat(fromHeaders).isGreaterThan(500);
    }

    private static Map<String, TreeMap<Long, List<Stored>>> expected(MemoryReadings store, AggregateQuery query) {
        return ReadOracleTest.selected(store, query.series(), query.axis(), query.range()).stream()
                .collect(Collectors.groupingBy(
                        row -> group(store, row, query.grouping()) + " "
                                + row.channel().name() + " " + row.channel().unit(),
                        Collectors.groupingBy(
                                row -> query.everyNs() == 0
                                        ? query.range().fromNs()
                                        : Math.floorDiv(ReadOracleTest.time(row, query.axis()), query.everyNs())
                                                * query.everyNs(),
                                TreeMap::new,
                                Collectors.toList())));
    }

    private static void compare(
            int seed,
            Map<String, TreeMap<Long, List<Stored>>> expected,
            Answer answer,
            List<AggregateFunction> functions) {
        assertThat(answer.series.keySet()).as("seed %d", seed).isEqualTo(expected.keySet());
        expected.forEach((series, windows) -> {
            TreeMap<Long, double[]> found = Objects.requireNonNull(answer.series.get(series));
            assertThat(found.keySet()).as("seed %d %s", seed, series).isEqualTo(windows.keySet());
            windows.forEach((start, rows) -> {
                double[] values = Objects.requireNonNull(found.get(start));
                for (int i = 0; i < functions.size(); i++) {
                    String what = "seed %d %s %d %s".formatted(seed, series, start, functions.get(i));
                    double wanted = compute(functions.get(i), rows);
                    if (Double.isNaN(wanted)) {
                        assertThat(values[i]).as(what).isNaN();
                    } else {
                        assertThat(values[i]).as(what).isCloseTo(wanted, within(Math.abs(wanted) * 1e-9 + 1e-9));
                    }
                }
            });
        });
    }

    private static double number(Stored row) {
        return switch (row.channel().type()) {
            case DOUBLE -> (Double) row.value();
            case LONG -> (Long) row.value();
            case BOOL -> (Boolean) row.value() ? 1 : 0;
            case STRING -> Double.NaN;
        };
    }

    private static double compute(AggregateFunction function, List<Stored> unsorted) {
        List<Stored> rows = unsorted.stream()
                .filter(row -> row.channel().type() != ValueType.STRING && !Double.isNaN(number(row)))
                .sorted(Comparator.comparing(Stored::event).thenComparing(Stored::device))
                .toList();
        double[] values = rows.stream().mapToDouble(AggregateOracleTest::number).toArray();
        if (function == AggregateFunction.COUNT) {
            return unsorted.size();
        }
        if (values.length == 0) {
            return Double.NaN;
        }
        double sum = java.util.Arrays.stream(values).sum();
        return switch (function) {
            case COUNT -> unsorted.size();
            case MIN -> java.util.Arrays.stream(values).min().orElseThrow();
            case MAX -> java.util.Arrays.stream(values).max().orElseThrow();
            case SUM -> sum;
            case AVG -> sum / values.length;
            case FIRST -> values[0];
            case LAST -> values[values.length - 1];
            case STDDEV -> {
                double mean = sum / values.length;
                double squares = java.util.Arrays.stream(values)
                        .map(v -> (v - mean) * (v - mean))
                        .sum();
                yield values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
            }
            case RATE, DELTA -> changes(function, rows);
        };
    }

    private static double changes(AggregateFunction function, List<Stored> rows) {
        Map<String, List<Stored>> byDevice = rows.stream().collect(Collectors.groupingBy(Stored::device));
        List<Double> results = new ArrayList<>();
        for (List<Stored> series : byDevice.values()) {
            if (series.size() < 2) {
                continue;
            }
            Stored first = series.get(0);
            Stored last = series.get(series.size() - 1);
            double increase = 0;
            for (int i = 1; i < series.size(); i++) {
                double before = number(series.get(i - 1));
                double value = number(series.get(i));
                increase += value < before ? value : value - before;
            }
            results.add(
                    function == AggregateFunction.DELTA
                            ? number(last) - number(first)
                            : increase / ((last.event() - first.event()) / 1e9));
        }
        return results.isEmpty()
                ? Double.NaN
                : results.stream().mapToDouble(Double::doubleValue).sum();
    }
}
