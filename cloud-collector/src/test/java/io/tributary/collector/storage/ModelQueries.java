package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Axis;
import io.tributary.collector.query.Fill;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.Position;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.query.ReadQuery;
import io.tributary.collector.query.ReadingRow;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.collector.query.WindowSink;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Random questions to the query engine, over the store as it is, against answers worked out from the plain map. */
final class ModelQueries {
    private static final long SECOND = ModelTraffic.SECOND;
    private static final List<AggregateFunction> FUNCTIONS = List.of(
            AggregateFunction.COUNT,
            AggregateFunction.MIN,
            AggregateFunction.MAX,
            AggregateFunction.SUM,
            AggregateFunction.AVG,
            AggregateFunction.FIRST,
            AggregateFunction.LAST);
    private static final long[] WIDTHS = {0, SECOND, 5 * SECOND, 7 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND};
    private static final int FIRST_FUNCTION = 5;

    private final TestEngine engine;
    private final StoreOracle oracle;
    private final ModelTraffic traffic;
    private final Random random;
    private final QueryEngine queries;

    ModelQueries(TestEngine engine, StoreOracle oracle, ModelTraffic traffic, Random random) {
        this.engine = engine;
        this.oracle = oracle;
        this.traffic = traffic;
        this.random = random;
        this.queries = new QueryEngine(
                engine.engine.reader(),
                engine.engine.catalog(),
                QueryLimits.DEFAULT,
                System::nanoTime,
                new PrometheusRegistry());
    }

    boolean isOf(TestEngine other) {
        return engine == other;
    }

    private record Row(
            String device,
            String channel,
            ValueType type,
            long time,
            long event,
            long edge,
            long collector,
            Object value,
            int quality) {
        static final Comparator<Row> WITHIN = Comparator.comparingLong(Row::time)
                .thenComparing(Row::event)
                .thenComparing(Row::channel)
                .thenComparing(Row::type);
    }

    private static long time(Axis axis, long event, long edge, long collector) {
        return switch (axis) {
            case EVENT -> event;
            case EDGE -> edge;
            case COLLECTOR -> collector;
        };
    }

    private TimeRange range(Axis axis) {
        if (random.nextInt(8) == 0) {
            return TimeRange.ALL;
        }
        if (axis == Axis.COLLECTOR) { // all of the map's last collector times lie close together
            long newest = oracle.newestCollectorTime();
            return new TimeRange(newest - random.nextInt(3000), newest + 1 + random.nextInt(2));
        }
        long from = traffic.firstSecond * SECOND + random.nextInt(traffic.span) * SECOND;
        return new TimeRange(from, from + 1 + random.nextInt(90) * SECOND);
    }

    private SeriesSelector selector() {
        String device = random.nextInt(10) == 0 ? "*" : "d" + random.nextInt(6);
        List<Glob> channels = random.nextInt(3) == 0 ? List.of(new Glob("a"), new Glob("d*")) : List.of();
        Map<String, String> tags = random.nextInt(20) == 0 ? Map.of("env", "test") : Map.of();
        return new SeriesSelector(new Glob(device), tags, channels);
    }

    private static boolean selects(SeriesSelector selector, StoreOracle.Series series) {
        return selector.device().matches(series.device())
                && (selector.tags().isEmpty() || series.device().equals("d5"))
                && (selector.channels().isEmpty()
                        || selector.channels().stream().anyMatch(glob -> glob.matches(series.channel())));
    }

    /** Raw readings, on any axis, in both directions, in pages. */
    void checkRows() throws IOException {
        Axis axis = Axis.values()[random.nextInt(3)];
        SeriesSelector selector = selector();
        TimeRange range = range(axis);
        boolean ascending = random.nextBoolean();
        long limit = random.nextBoolean() ? ReadQuery.NO_LIMIT : 20 + random.nextInt(400);
        List<Row> expected = new ArrayList<>();
        oracle.stored.forEach((series, held) -> {
            if (selects(selector, series)) {
                boolean byEvent = axis == Axis.EVENT && range.fromNs() < range.toNs();
                Map<Long, StoreOracle.Held> some = byEvent ? held.subMap(range.fromNs(), range.toNs()) : held;
                some.forEach((event, each) -> {
                    long time = time(axis, event, each.edgeTime(), each.collectorTime());
                    if (time >= range.fromNs() && time < range.toNs()) {
                        expected.add(new Row(
                                series.device(),
                                series.channel(),
                                series.type(),
                                time,
                                event,
                                each.edgeTime(),
                                each.collectorTime(),
                                each.value(),
                                each.quality()));
                    }
                });
            }
        });
        expected.sort(Comparator.comparing(Row::device).thenComparing(ascending ? Row.WITHIN : Row.WITHIN.reversed()));
        List<Row> found = new ArrayList<>();
        Position after = null;
        do {
            ReadQuery query = new ReadQuery(selector, axis, range, ascending, limit, after);
            after = queries.read(query, queries.begin(() -> false), row -> found.add(row(row, axis)));
        } while (after != null);
        ModelChecks.same(found, expected, () -> "rows of " + selector + " on " + axis + " in " + range);
    }

    private static Row row(ReadingRow row, Axis axis) {
        Object value = switch (row.channel().type()) {
            case DOUBLE, LONG -> row.longValue();
            case BOOL -> row.boolValue();
            case STRING -> row.stringValue();
        };
        return new Row(
                row.device(),
                row.channel().name(),
                row.channel().type(),
                time(axis, row.eventTimeNs(), row.edgeTimeNs(), row.collectorTimeNs()),
                row.eventTimeNs(),
                row.edgeTimeNs(),
                row.collectorTimeNs(),
                value,
                row.quality());
    }

    /**
     * Windows of one device. Where readings have expired, rollups go on telling of them: {@link ModelChecks#checkRollups}
     * compares those, and here windows from the horizon on.
     */
    void checkWindows() throws IOException {
        Axis axis = random.nextInt(3) > 0 ? Axis.EVENT : Axis.values()[random.nextInt(3)];
        String device = "d" + random.nextInt(6);
        long horizon = Long.MIN_VALUE;
        for (StoreOracle.Series series : oracle.stored.keySet()) {
            horizon = series.device().equals(device) ? Math.max(horizon, oracle.horizon.of(series)) : horizon;
        }
        long width = WIDTHS[random.nextInt(WIDTHS.length)];
        long from = Math.max(horizon, traffic.firstSecond * SECOND) + random.nextInt(traffic.span) * SECOND;
        from = axis == Axis.COLLECTOR ? oracle.newestCollectorTime() - random.nextInt(3000) : from;
        TimeRange range = new TimeRange(from, from + 1 + random.nextInt(120) * SECOND);
        AggregateQuery query = new AggregateQuery(
                new SeriesSelector(new Glob(device), Map.of(), List.of()),
                axis,
                range,
                width,
                ZoneOffset.UTC,
                FUNCTIONS,
                Grouping.DEVICE,
                Fill.NONE);
        Answer answer = new Answer();
        assertThat(queries.aggregate(query, queries.begin(() -> false), answer)).isNull();
        Map<String, TreeMap<Long, Expected>> expected = expected(device, axis, range, width);
        ModelChecks.same(
                keys(answer.windows), keys(expected), () -> "windows of " + device + " on " + axis + " in " + range);
        expected.forEach((channel, windows) -> windows.forEach((start, wanted) -> {
            List<double[]> parts = Objects.requireNonNull(
                    Objects.requireNonNull(answer.windows.get(channel)).get(start));
            String place = device + " " + channel + " " + axis + " " + range + " every " + width + " at " + start;
            wanted.compare(parts, place);
        }));
    }

    private static <T> Map<String, List<Long>> keys(Map<String, TreeMap<Long, T>> windows) {
        Map<String, List<Long>> keys = new TreeMap<>();
        windows.forEach((channel, of) -> keys.put(channel, List.copyOf(of.keySet())));
        return keys;
    }

    private Map<String, TreeMap<Long, Expected>> expected(String device, Axis axis, TimeRange range, long width) {
        Map<String, TreeMap<Long, Expected>> expected = new TreeMap<>();
        oracle.stored.forEach((series, held) -> {
            if (series.device().equals(device)) {
                held.forEach((event, each) -> {
                    long time = time(axis, event, each.edgeTime(), each.collectorTime());
                    if (time >= range.fromNs() && time < range.toNs()) {
                        long start = width == 0 ? range.fromNs() : Math.floorDiv(time, width) * width;
                        expected.computeIfAbsent(series.channel(), unused -> new TreeMap<>())
                                .computeIfAbsent(start, unused -> new Expected())
                                .add(event, RollupOracle.number(series.type(), each.value()));
                    }
                });
            }
        });
        return expected;
    }

    /** What a window of a channel should come to. Values are such that their sum is exact in any order. */
    private static final class Expected {
        private long count;
        private long numbers;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        private double sum;
        private long firstTime = Long.MAX_VALUE;
        private long lastTime = Long.MIN_VALUE;
        /** Of several types at one time any. */
        private final List<Double> first = new ArrayList<>();

        private final List<Double> last = new ArrayList<>();

        void add(long event, double number) {
            count++;
            if (Double.isNaN(number)) {
                return;
            }
            numbers++;
            min = Math.min(min, number);
            max = Math.max(max, number);
            sum += number;
            if (event < firstTime) {
                first.clear();
                firstTime = event;
            }
            if (event == firstTime) {
                first.add(number + 0.0);
            }
            if (event > lastTime) {
                last.clear();
                lastTime = event;
            }
            if (event == lastTime) {
                last.add(number + 0.0);
            }
        }

        /** @param parts of one unit each */
        void compare(List<double[]> parts, String place) {
            double[] totals = {0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0};
            for (double[] part : parts) {
                totals[0] += part[0];
                if (!Double.isNaN(part[1])) {
                    totals[1] = Math.min(totals[1], part[1]);
                    totals[2] = Math.max(totals[2], part[2]);
                    totals[3] += part[3];
                }
            }
            double[] wanted = {count, min + 0.0, max + 0.0, sum + 0.0};
            for (int i = 0; i < wanted.length; i++) {
                assertThat(totals[i] + 0.0)
                        .as("%s of %s", FUNCTIONS.get(i), place)
                        .isEqualTo(wanted[i]);
            }
            if (parts.size() > 1) {
                return;
            }
            double[] only = parts.get(0);
            if (numbers == 0) {
                assertThat(only[4]).as(place).isNaN();
                assertThat(only[FIRST_FUNCTION]).as(place).isNaN();
            } else {
                assertThat(only[4] + 0.0).as("avg of %s", place).isEqualTo(sum / numbers + 0.0);
                assertThat(first).as("first of %s", place).contains(only[FIRST_FUNCTION] + 0.0);
                assertThat(last).as("last of %s", place).contains(only[FIRST_FUNCTION + 1] + 0.0);
            }
        }
    }

    /** Windows by channel; one part per unit. */
    private static final class Answer implements WindowSink {
        private final Map<String, TreeMap<Long, List<double[]>>> windows = new TreeMap<>();
        private String series = "";

        @Override
        public void beginSeries(@Nullable String group, String channel, String unit) {
            series = channel;
        }

        @Override
        public boolean window(long startNs, double[] values) {
            windows.computeIfAbsent(series, unused -> new TreeMap<>())
                    .computeIfAbsent(startNs, unused -> new ArrayList<>())
                    .add(values.clone());
            return true;
        }

        @Override
        public void endSeries() {
            series = "";
        }
    }
}
