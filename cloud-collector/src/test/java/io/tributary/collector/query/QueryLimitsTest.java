package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.config.ByteSize;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueryLimitsTest {
    private static final SeriesSelector EVERYTHING = new SeriesSelector(Glob.ALL, Map.of(), List.of());
    private static final Channel T = Channel.of("t", ValueType.DOUBLE);

    private final MemoryReadings store = new MemoryReadings(10, false);
    private final AtomicLong clock = new AtomicLong();
    private final QueryEngine engine = new QueryEngine(
            store,
            store,
            new QueryLimits(50, new ByteSize(1000), Duration.ofMillis(5), 20, 30, 10, 40),
            clock::get,
            new PrometheusRegistry());

    private void fill(String device, int rows) {
        for (int i = 0; i < rows; i++) {
            store.add(device, T, i, 1.0 * i);
        }
    }

    private ThrowingCallable read(Axis axis, long limit) {
        return () -> engine.read(
                new ReadQuery(EVERYTHING, axis, TimeRange.ALL, true, limit, null),
                engine.begin(() -> false),
                row -> true);
    }

    private static AggregateQuery aggregate(Grouping grouping, Fill fill, long to) {
        return new AggregateQuery(
                EVERYTHING,
                Axis.EVENT,
                new TimeRange(0, to),
                1,
                ZoneOffset.UTC,
                List.of(AggregateFunction.AVG),
                grouping,
                fill);
    }

    private static void refused(ThrowingCallable query, String message) {
        assertThatThrownBy(query)
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.kind()).isEqualTo(QueryException.Kind.TOO_LARGE))
                .hasMessageStartingWith(message);
    }

    @Test
    void tooManyReadings() throws Throwable {
        fill("a", 100);
        refused(read(Axis.EVENT, ReadQuery.NO_LIMIT), "the query reads more than 50 readings; ask for fewer");
        read(Axis.EVENT, 5).call();
        assertThat(store.openCursors).isZero();
    }

    @Test
    void tooManyRowsToSort() throws Throwable {
        fill("a", 30);
        refused(
                read(Axis.EDGE, ReadQuery.NO_LIMIT),
                "device \"a\" has more than 10 readings to sort by edge time; ask for a limit of at most 4");
        read(Axis.EDGE, 4).call();
    }

    @Test
    void tooLong() {
        fill("a", 30);
        ThrowingCallable slow = () -> engine.read(
                new ReadQuery(EVERYTHING, Axis.EVENT, TimeRange.ALL, true, ReadQuery.NO_LIMIT, null),
                engine.begin(() -> false),
                row -> clock.addAndGet(1_000_000) > 0);
        refused(slow, "the query took longer than 5 ms after");
        assertThat(store.openCursors).isZero();
    }

    @Test
    void cancelled() {
        fill("a", 30);
        assertThatThrownBy(() -> engine.latest(EVERYTHING, engine.begin(() -> true), row -> true))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.kind()).isEqualTo(QueryException.Kind.CANCELLED));
    }

    @Test
    void tooManyBytes() {
        refused(() -> engine.begin(() -> false).written(1001), "the answer is longer than 1000B");
    }

    @Test
    void tooManyCells() throws IOException {
        fill("a", 5);
        fill("b", 5);
        for (int i = 0; i < 5; i++) {
            store.add("c", new Channel("t", ValueType.DOUBLE, "K"), i, 1.0);
        }
        List<String> windows = new ArrayList<>();
        engine.aggregate(aggregate(Grouping.DEVICE, Fill.NONE, 20), engine.begin(() -> false), sink(windows));
        assertThat(windows).hasSize(15);
        refused(
                () -> engine.aggregate(
                        aggregate(Grouping.NONE, Fill.NONE, 20), engine.begin(() -> false), sink(windows)),
                "more than 1 series of 20 windows at the same time, expected at most 30 windows together");
    }

    @Test
    void tooManyValuesForPercentiles() throws IOException {
        fill("a", 20);
        fill("b", 20);
        List<String> windows = new ArrayList<>();
        AggregateFunction median = java.util.Objects.requireNonNull(AggregateFunction.of("p50"));
        engine.aggregate(percentiles(Grouping.DEVICE, median), engine.begin(() -> false), sink(windows));
        assertThat(windows).containsExactly("0=9.5", "0=9.5");
        fill("c", 1);
        refused(
                () -> engine.aggregate(percentiles(Grouping.NONE, median), engine.begin(() -> false), sink(windows)),
                "percentiles need more than 40 values at the same time; ask for fewer devices");
    }

    private static AggregateQuery percentiles(Grouping grouping, AggregateFunction function) {
        return new AggregateQuery(
                EVERYTHING,
                Axis.EVENT,
                new TimeRange(0, 100),
                0,
                ZoneOffset.UTC,
                List.of(function),
                grouping,
                Fill.NONE);
    }

    @Test
    void where_thatMakesNoSense_isRefused() {
        for (String where : List.of("", "value", ">20", "value>", "value>abc", "value<=", "x:value<cold", ":value=1")) {
            assertThatThrownBy(() -> ReadingFilter.of(List.of(where), List.of()))
                    .as(where)
                    .isInstanceOf(QueryException.class)
                    .hasMessageStartingWith("where ");
        }
        assertThatThrownBy(() -> ReadingFilter.of(List.of(), List.of("best")))
                .hasMessage("quality is \"best\", expected good, uncertain or bad, several with commas");
        assertThat(Condition.parse("state:value!=x=y"))
                .isEqualTo(new Condition(
                        Condition.Subject.OWN_OF_CHANNEL, "state", Condition.Comparison.NOT_EQUAL, "x=y"));
    }

    @Test
    void fill_standsInForMissingWindows() throws IOException {
        store.add("a", T, 1, 1.0);
        store.add("a", T, 4, 7.0);
        assertThat(filled(Fill.NONE)).containsExactly("1=1.0", "4=7.0");
        assertThat(filled(Fill.NULL)).containsExactly("0=NaN", "1=1.0", "2=NaN", "3=NaN", "4=7.0", "5=NaN");
        assertThat(filled(Fill.PREVIOUS)).containsExactly("0=NaN", "1=1.0", "2=1.0", "3=1.0", "4=7.0", "5=7.0");
        assertThat(filled(Fill.LINEAR)).containsExactly("0=NaN", "1=1.0", "2=3.0", "3=5.0", "4=7.0", "5=NaN");
    }

    private List<String> filled(Fill fill) throws IOException {
        List<String> windows = new ArrayList<>();
        engine.aggregate(aggregate(Grouping.DEVICE, fill, 6), engine.begin(() -> false), sink(windows));
        return windows;
    }

    private static WindowSink sink(List<String> windows) {
        return new WindowSink() {
            @Override
            public void beginSeries(@Nullable String group, String channel, String unit) {}

            @Override
            public boolean window(long startNs, double[] values) {
                windows.add(startNs + "=" + values[0]);
                return true;
            }

            @Override
            public void endSeries() {}
        };
    }

    @Test
    void token_thatIsNone_isRefused() {
        for (String token : new String[] {"", "x", "!!", "YQ", "YQoxCjIKYwpYWFg", "é\n"}) {
            assertThatThrownBy(() -> Position.parse(token))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining("expected the \"next\" of an earlier answer");
        }
        Position position = new Position("a/b é", Long.MIN_VALUE, -1, "c,d", ValueType.BOOL);
        assertThat(Position.parse(position.token())).isEqualTo(position);
    }
}
