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
    private static final List<AggregateFunction> ALL = all();

    private static List<AggregateFunction> all() {
        List<AggregateFunction> all = new ArrayList<>(AggregateFunction.named());
        for (String percentile : List.of("p50", "p0", "p99.9", "p100")) {
            all.add(Objects.requireNonNull(AggregateFunction.of(percentile)));
        }
        return all;
    }

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
        public boolean window(long startNs, double[] values) {
            assertThat(open.put(startNs, values.clone())).isNull();
            return true;
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
        long ruledOut = 0;
        for (int seed = 0; seed < 800; seed++) {
            Random random = new Random(seed);
            MemoryReadings store = RandomReadings.store(random);
            AggregateQuery query = query(random);
            Answer answer = new Answer();
            QueryEngine engine =
                    new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
            QueryRun run = engine.begin(() -> false);
            assertThat(engine.aggregate(query, run, answer)).isNull();
            fromHeaders += run.headers();
            ruledOut += run.skippedSeries();
            compare(seed, store, query, answer);
            pages(seed, engine, query, random, answer);
            assertThat(store.openCursors).isZero();
        }
        assertThat(fromHeaders).isGreaterThan(500);
        assertThat(ruledOut).isGreaterThan(50);
    }

    private static AggregateQuery query(Random random) {
        TimeRange range = ReadOracleTest.range(random);
        boolean open = range == TimeRange.ALL;
        Axis axis = Axis.values()[random.nextInt(3)];
        List<AggregateFunction> functions = random.nextInt(3) == 0
                ? ALL
                : List.of(AggregateFunction.AVG, AggregateFunction.MAX, AggregateFunction.FIRST);
        if (open || axis != Axis.EVENT) {
            functions = functions.stream()
                    .filter(each -> !each.equals(AggregateFunction.TWA))
                    .toList();
        }
        return new AggregateQuery(
                ReadOracleTest.selector(random),
                axis,
                range,
                open || random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(3000),
                ZoneOffset.UTC,
                functions,
                List.of(Grouping.DEVICE, Grouping.NONE, Grouping.byTag("site")).get(random.nextInt(3)),
                Fill.NONE,
                filter(random),
                random.nextBoolean() ? AggregateQuery.HOLD_ON : 1 + random.nextInt(500),
                random.nextBoolean(),
                AggregateQuery.NO_LIMIT,
                null);
    }

    static ReadingFilter filter(Random random) {
        List<String> where = List.of(
                        List.<String>of(),
                        List.<String>of(),
                        List.of("value>100"),
                        List.of("value<=-480.25", "value!=3"),
                        List.of("temperature:value>=0"),
                        List.of("on=true"),
                        List.of("count>200", "value!=s1"),
                        List.of("value=s2"))
                .get(random.nextInt(8));
        return ReadingFilter.of(where, random.nextInt(3) == 0 ? List.of("good", "uncertain") : List.of());
    }

    /** Pages of random sizes are together what one answer is. */
    private static void pages(int seed, QueryEngine engine, AggregateQuery query, Random random, Answer whole)
            throws IOException {
        Map<String, TreeMap<Long, double[]>> found = new LinkedHashMap<>();
        WindowPosition after = null;
        do {
            Answer page = new Answer();
            AggregateQuery limited = new AggregateQuery(
                    query.series(),
                    query.axis(),
                    query.range(),
                    query.everyNs(),
                    query.zone(),
                    query.functions(),
                    query.grouping(),
                    query.fill(),
                    query.filter(),
                    query.holdNs(),
                    query.ascending(),
                    1 + random.nextInt(20),
                    after);
            WindowPosition next = engine.aggregate(limited, engine.begin(() -> false), page);
            page.series.forEach((series, windows) -> windows.forEach(
                    (start, values) -> assertThat(found.computeIfAbsent(series, unused -> new TreeMap<>())
                                    .put(start, values))
                            .isNull()));
            after = next == null ? null : WindowPosition.parse(next.token());
        } while (after != null);
        assertThat(List.copyOf(found.keySet())).as("seed %d", seed).isEqualTo(List.copyOf(whole.series.keySet()));
        found.forEach((series, windows) -> assertThat(windows.keySet())
                .as("seed %d", seed)
                .isEqualTo(Objects.requireNonNull(whole.series.get(series)).keySet()));
    }

    private static Map<String, TreeMap<Long, List<Stored>>> expected(MemoryReadings store, AggregateQuery query) {
        return ReadOracleTest.selected(store, query.series(), query.axis(), query.range()).stream()
                .filter(row -> ReadOracleTest.passes(store, row, query.filter()))
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

    private static void compare(int seed, MemoryReadings store, AggregateQuery query, Answer answer) {
        Map<String, TreeMap<Long, List<Stored>>> expected = expected(store, query);
        List<AggregateFunction> functions = query.functions();
        assertThat(answer.series.keySet()).as("seed %d", seed).isEqualTo(expected.keySet());
        expected.forEach((series, windows) -> {
            TreeMap<Long, double[]> found = Objects.requireNonNull(answer.series.get(series));
            assertThat(found.keySet()).as("seed %d %s", seed, series).isEqualTo(windows.keySet());
            windows.forEach((start, rows) -> {
                double[] values = Objects.requireNonNull(found.get(start));
                for (int i = 0; i < functions.size(); i++) {
                    String what = "seed %d %s %d %s".formatted(seed, series, start, functions.get(i));
                    boolean twa = functions.get(i).equals(AggregateFunction.TWA);
                    if (twa && rows.get(0).channel().name().equals("temperature")) {
                        continue; // which of two units holds at the beginning is told by the latest one
                    }
                    double wanted = twa ? timeWeighted(store, query, series, start) : compute(functions.get(i), rows);
                    if (Double.isNaN(wanted)) {
                        assertThat(values[i]).as(what).isNaN();
                    } else {
                        assertThat(values[i]).as(what).isCloseTo(wanted, within(Math.abs(wanted) * 1e-9 + 1e-9));
                    }
                }
            });
        });
    }

    /** Nanosecond by nanosecond would be the definition; here stretch by stretch. */
    private static double timeWeighted(MemoryReadings store, AggregateQuery query, String series, long start) {
        long from = Math.max(query.range().fromNs(), start);
        long to = query.everyNs() == 0
                ? query.range().toNs()
                : Math.min(query.range().toNs(), start + query.everyNs());
        TimeRange before = new TimeRange(Long.MIN_VALUE, query.range().toNs());
        Map<String, List<Stored>> byDevice = ReadOracleTest.selected(store, query.series(), Axis.EVENT, before).stream()
                .filter(row -> ReadOracleTest.passes(store, row, query.filter()) && !Double.isNaN(number(row)))
                .filter(row -> series.equals(group(store, row, query.grouping()) + " "
                        + row.channel().name() + " " + row.channel().unit()))
                .collect(Collectors.groupingBy(Stored::device));
        double integral = 0;
        double covered = 0;
        for (List<Stored> rows : byDevice.values()) {
            for (int i = 0; i < rows.size(); i++) {
                long since = rows.get(i).event();
                long until = i + 1 < rows.size()
                        ? rows.get(i + 1).event()
                        : query.range().toNs();
                until = query.holdNs() < until - since ? since + query.holdNs() : until;
                double span = Math.min(until, to) - Math.max(since, from);
                if (span > 0) {
                    integral += number(rows.get(i)) * span;
                    covered += span;
                }
            }
        }
        return covered == 0 ? Double.NaN : integral / covered;
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
        if (function.equals(AggregateFunction.COUNT)) {
            return unsorted.size();
        }
        if (values.length == 0) {
            return Double.NaN;
        }
        double sum = java.util.Arrays.stream(values).sum();
        return switch (function.word()) {
            case "min" -> java.util.Arrays.stream(values).min().orElseThrow();
            case "max", "p100" -> java.util.Arrays.stream(values).max().orElseThrow();
            case "sum" -> sum;
            case "avg" -> sum / values.length;
            case "first" -> values[0];
            case "last" -> values[values.length - 1];
            case "stddev" -> {
                double mean = sum / values.length;
                double squares = java.util.Arrays.stream(values)
                        .map(v -> (v - mean) * (v - mean))
                        .sum();
                yield values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
            }
            case "rate", "delta" -> changes(function, rows);
            default -> percentile(Double.parseDouble(function.word().substring(1)) / 100, values);
        };
    }

    private static double percentile(double part, double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        double rank = part * (sorted.length - 1);
        double low = sorted[(int) Math.floor(rank)];
        return low + (sorted[(int) Math.ceil(rank)] - low) * (rank - Math.floor(rank));
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
                    function.equals(AggregateFunction.DELTA)
                            ? number(last) - number(first)
                            : increase / ((last.event() - first.event()) / 1e9));
        }
        return results.isEmpty()
                ? Double.NaN
                : results.stream().mapToDouble(Double::doubleValue).sum();
    }
}
