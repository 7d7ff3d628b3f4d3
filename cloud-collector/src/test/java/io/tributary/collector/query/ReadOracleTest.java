package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.MemoryReadings.Stored;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random questions about random readings, against answers found by looking at every reading. */
class ReadOracleTest {
    private static QueryEngine engine(MemoryReadings store) {
        return new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
    }

    static SeriesSelector selector(Random random) {
        Glob device =
                new Glob(List.of("*", "pump-1", "pump-?", "p*2", "nothing").get(random.nextInt(5)));
        Map<String, String> tags = random.nextInt(3) == 0 ? Map.of("site", "s1") : Map.of();
        List<Glob> channels = List.of(
                        List.<Glob>of(),
                        List.of(new Glob("temperature")),
                        List.of(new Glob("t*"), new Glob("count")),
                        List.of(new Glob("on"), new Glob("state")))
                .get(random.nextInt(4));
        return new SeriesSelector(device, tags, channels);
    }

    static TimeRange range(Random random) {
        if (random.nextInt(4) == 0) {
            return TimeRange.ALL;
        }
        long from = random.nextInt((int) RandomReadings.SPAN) - RandomReadings.SPAN / 2;
        return new TimeRange(from, from + 1 + random.nextInt((int) RandomReadings.SPAN));
    }

    static long time(Stored row, Axis axis) {
        return switch (axis) {
            case EVENT -> row.event();
            case EDGE -> row.edge();
            case COLLECTOR -> row.collector();
        };
    }

    static boolean passes(MemoryReadings store, Stored row, ReadingFilter filter) {
        if (!filter.takes(row.quality())) {
            return false;
        }
        for (Condition condition : filter.conditions()) {
            boolean holds = switch (condition.subject()) {
                case OWN -> holds(condition, row.value());
                case OWN_OF_CHANNEL ->
                    !condition.channel().equals(row.channel().name()) || holds(condition, row.value());
                case ROW ->
                    store.at(row.device(), condition.channel(), row.event()).stream()
                            .anyMatch(other -> holds(condition, other.value()));
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Condition condition, Object value) {
        String literal = condition.literal();
        if (value instanceof String) {
            return switch (condition.comparison()) {
                case EQUAL -> value.equals(literal);
                case NOT_EQUAL -> !value.equals(literal);
                default -> false;
            };
        }
        double a = value instanceof Boolean on ? (on ? 1 : 0) : ((Number) value).doubleValue();
        double b = literal.equals("true") ? 1 : literal.startsWith("s") ? Double.NaN : Double.parseDouble(literal);
        return switch (condition.comparison()) {
            case LESS -> a < b;
            case LESS_OR_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_OR_EQUAL -> a >= b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
        };
    }

    static List<Stored> selected(MemoryReadings store, SeriesSelector series, Axis axis, TimeRange range) {
        return store.all().stream()
                .filter(row -> series.device().matches(row.device()))
                .filter(row -> store.tagsOf(row.device())
                        .entrySet()
                        .containsAll(series.tags().entrySet()))
                .filter(row -> series.channels().isEmpty()
                        || series.channels().stream()
                                .anyMatch(c -> c.matches(row.channel().name())))
                .filter(row -> time(row, axis) >= range.fromNs() && time(row, axis) < range.toNs())
                .toList();
    }

    private static Comparator<Stored> order(Axis axis, boolean ascending) {
        Comparator<Stored> within = Comparator.<Stored>comparingLong(row -> time(row, axis))
                .thenComparing(Stored::event)
                .thenComparing(row -> row.channel().name())
                .thenComparing(row -> row.channel().type());
        return Comparator.comparing(Stored::device).thenComparing(ascending ? within : within.reversed());
    }

    private static Stored stored(ReadingRow row) {
        Object value = switch (row.channel().type()) {
            case DOUBLE -> row.doubleValue();
            case LONG -> row.longValue();
            case BOOL -> row.boolValue();
            case STRING -> row.stringValue();
        };
        return new Stored(
                row.device(),
                row.channel(),
                row.eventTimeNs(),
                row.edgeTimeNs(),
                row.collectorTimeNs(),
                value,
                row.quality());
    }

    @Test
    void read_answersLikeBruteForce_pageByPage() throws IOException {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            MemoryReadings store = RandomReadings.store(random);
            SeriesSelector series = selector(random);
            Axis axis = Axis.values()[random.nextInt(3)];
            TimeRange range = range(random);
            boolean ascending = random.nextBoolean();
            long limit = random.nextInt(3) == 0 ? ReadQuery.NO_LIMIT : 1 + random.nextInt(40);
            ReadingFilter filter = random.nextBoolean() ? ReadingFilter.NONE : AggregateOracleTest.filter(random);
            List<Stored> expected = selected(store, series, axis, range).stream()
                    .filter(row -> passes(store, row, filter))
                    .sorted(order(axis, ascending))
                    .toList();

            List<Stored> found = new ArrayList<>();
            Position after = null;
            int pages = 0;
            do {
                after = page(store, new ReadQuery(series, axis, range, ascending, limit, filter, after), found);
                pages++;
            } while (after != null);
            assertThat(found).as("seed %d", seed).isEqualTo(expected);
            assertThat(pages).as("seed %d", seed).isEqualTo((int)
                    Math.max(1, (expected.size() + limit - 1) / Math.max(1, limit)));
            assertThat(store.openCursors).isZero();
        }
    }

    private static @Nullable Position page(MemoryReadings store, ReadQuery query, List<Stored> found)
            throws IOException {
        int before = found.size();
        QueryEngine engine = engine(store);
        Position next = engine.read(query, engine.begin(() -> false), row -> found.add(stored(row)));
        assertThat((long) found.size() - before).isLessThanOrEqualTo(query.limit());
        return next == null ? null : Position.parse(next.token());
    }

    @Test
    void latest_isTheHighestEventTimeOfEachSeries() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            MemoryReadings store = RandomReadings.store(random);
            SeriesSelector series = selector(random);
            Map<String, Stored> expected = new java.util.TreeMap<>();
            for (Stored row : selected(store, series, Axis.EVENT, TimeRange.ALL)) {
                expected.merge(
                        row.device() + " " + row.channel().name(), row, (a, b) -> a.event() >= b.event() ? a : b);
            }
            List<Long> times = new ArrayList<>();
            QueryEngine engine = engine(store);
            engine.latest(series, engine.begin(() -> false), row -> times.add(row.eventTimeNs()));
            assertThat(times)
                    .as("seed %d", seed)
                    .isEqualTo(expected.values().stream().map(Stored::event).toList());
        }
    }
}
