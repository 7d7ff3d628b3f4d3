package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Axis;
import io.tributary.collector.query.Fill;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.ReadingFilter;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.collector.query.WindowSink;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rollups promise to queries, beyond what the model test compares. */
final class RollupTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = T0 / (60 * SECOND) * 60 * SECOND;
    private static final List<RollupLevel> LEVELS =
            List.of(new RollupLevel(Duration.ofSeconds(10), null), new RollupLevel(Duration.ofSeconds(60), null));

    @TempDir
    Path base;

    private long nowNs = START;
    private long headers;

    private TestEngine open(LifecycleOptions options) throws IOException {
        return new TestEngine(base, SMALL, options, () -> Instant.ofEpochSecond(0, nowNs));
    }

    private static Batch batch(int fromSecond, int rows, double base) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = START + (fromSecond + i) * SECOND;
            double value = i % 7 == 3 ? Double.NaN : base + i % 16;
            builder.row(Device.of("d"), event, event).set("t", value).set("s", "text");
        }
        return builder.build();
    }

    /** Windows of channel t. */
    private Map<Long, String> windows(TestEngine engine, int everySeconds, int seconds) throws IOException {
        QueryEngine queries = new QueryEngine(
                engine.engine.reader(),
                engine.engine.catalog(),
                QueryLimits.DEFAULT,
                System::nanoTime,
                new PrometheusRegistry());
        AggregateQuery query = new AggregateQuery(
                new SeriesSelector(Glob.ALL, Map.of(), List.of(new Glob("t"))),
                Axis.EVENT,
                new TimeRange(START, START + seconds * SECOND),
                everySeconds * SECOND,
                ZoneOffset.UTC,
                List.of(
                        AggregateFunction.COUNT,
                        AggregateFunction.SUM,
                        AggregateFunction.AVG,
                        AggregateFunction.MIN,
                        AggregateFunction.MAX,
                        AggregateFunction.FIRST,
                        AggregateFunction.LAST),
                Grouping.DEVICE,
                Fill.NONE,
                ReadingFilter.NONE,
                AggregateQuery.HOLD_ON,
                true,
                AggregateQuery.NO_LIMIT,
                null);
        Map<Long, String> found = new TreeMap<>();
        QueryRun run = queries.begin(() -> false);
        queries.aggregate(query, run, new WindowSink() {
            @Override
            public void beginSeries(@Nullable String group, String channel, String unit) {}

            @Override
            public boolean window(long startNs, double[] values) {
                found.put((startNs - START) / SECOND, Arrays.toString(values));
                return true;
            }

            @Override
            public void endSeries() {}
        });
        headers = run.headers();
        return found;
    }

    @Test
    void rollup_answersAsReadingsDo_alsoWithLateReplacedAndErasedOnes() throws IOException {
        try (TestEngine engine = open(LifecycleOptions.NONE.rollups(LEVELS))) {
            engine.append("agent", 1, 0, batch(0, 300, 1));
            engine.engine.flush();
            engine.finishLifecycle();
            check(engine);
            engine.append("agent", 1, 600, batch(50, 30, 100)); // replaces, still in a head
            check(engine);
            engine.engine.flush();
            check(engine);
            engine.finishLifecycle();
            check(engine);
            engine.engine
                    .erasures()
                    .erase(new ErasureRequest("d", List.of("t"), false, START + 95 * SECOND, START + 145 * SECOND));
            check(engine);
            engine.finishLifecycle();
            check(engine);
        }
    }

    /** Rollups against the readings: a window of 7 s fits no rollup, 10, 30 and 60 s do. */
    private void check(TestEngine engine) throws IOException {
        Map<Long, String> expected = new TreeMap<>();
        Map<Long, Object> readings = new TreeMap<>(engine.series("d", "t"));
        for (int every : new int[] {10, 30, 60}) {
            expected.clear();
            for (long window = 0; window < 300; window += every) {
                double sum = 0;
                long count = 0;
                long numbers = 0;
                double first = Double.NaN;
                double last = Double.NaN;
                double min = Double.NaN;
                double max = Double.NaN;
                for (long at = window; at < window + every; at++) {
                    Object value = readings.get(START + at * SECOND);
                    if (value instanceof Double number) {
                        count++;
                        if (!number.isNaN()) {
                            sum += number;
                            first = numbers == 0 ? number : first;
                            min = numbers == 0 ? number : Math.min(min, number);
                            max = numbers == 0 ? number : Math.max(max, number);
                            last = number;
                            numbers++;
                        }
                    }
                }
                if (count > 0) {
                    expected.put(window, Arrays.toString(new double[] {
                        count, numbers == 0 ? Double.NaN : sum, sum / numbers, min, max, first, last
                    }));
                }
            }
            assertThat(windows(engine, every, 300)).isEqualTo(expected);
        }
    }

    @Test
    void rollup_outlivesItsReadings() throws IOException {
        LifecycleOptions options = LifecycleOptions.NONE
                .retention(Duration.ofMinutes(5), List.of())
                .rollups(LEVELS);
        try (TestEngine engine = open(options)) {
            engine.append("agent", 1, 0, batch(0, 300, 1));
            Map<Long, String> before = windows(engine, 60, 300);
            nowNs = START + 3600 * SECOND;
            engine.finishLifecycle();
            assertThat(engine.series("d", "t")).isEmpty();
            assertThat(windows(engine, 60, 300)).isEqualTo(before);
            assertThat(headers).isPositive();
            assertThat(windows(engine, 30, 300)).hasSize(10);
            assertThat(windows(engine, 7, 300)).isEmpty(); // nothing that fits is left
        }
        try (TestEngine engine = open(options)) {
            assertThat(windows(engine, 60, 300)).hasSize(5);
        }
    }

    @Test
    void level_thatIsAskedForLater_isComputedFromWhatIsThere() throws IOException {
        Map<Long, String> before;
        try (TestEngine engine = open(LifecycleOptions.NONE)) {
            engine.append("agent", 1, 0, batch(0, 300, 1));
            before = windows(engine, 60, 300);
        }
        try (TestEngine engine = open(LifecycleOptions.NONE.rollups(LEVELS))) {
            assertThat(windows(engine, 60, 300)).isEqualTo(before);
            engine.finishLifecycle();
            assertThat(windows(engine, 60, 300)).isEqualTo(before);
            assertThat(headers).isEqualTo(1);
        }
    }

    @Test
    void rollup_goesAfterItsOwnTime() throws IOException {
        LifecycleOptions options = LifecycleOptions.NONE
                .retention(Duration.ofMinutes(5), List.of())
                .rollups(List.of(new RollupLevel(Duration.ofSeconds(60), Duration.ofDays(2))));
        try (TestEngine engine = open(options)) {
            engine.append("agent", 1, 0, batch(0, 300, 1));
            nowNs = START + 86_400 * SECOND;
            engine.finishLifecycle();
            assertThat(windows(engine, 60, 300)).hasSize(5);
            nowNs = START + 5 * 86_400 * SECOND;
            engine.finishLifecycle();
            assertThat(windows(engine, 60, 300)).isEmpty();
        }
    }

    @Test
    void level_hasToDivideTheBucket() {
        LifecycleOptions odd = LifecycleOptions.NONE.rollups(List.of(new RollupLevel(Duration.ofSeconds(7), null)));
        assertThatThrownBy(() -> open(odd)).hasMessageContaining("expected a part of the bucket");
    }
}
