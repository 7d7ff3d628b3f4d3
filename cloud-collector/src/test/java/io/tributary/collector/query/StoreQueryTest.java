package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.collector.storage.LifecycleOptions;
import io.tributary.collector.storage.RollupLevel;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real store and the one in maps, asked the same, answer the same. */
class StoreQueryTest {
    private static final long T0 = 1_700_000_000_000_000_000L;
    private static final long SECOND = QueryFixture.SECOND;
    private static final int SPAN_SECONDS = 1200;

    @TempDir
    Path directory;

    private final MemoryReadings memory = new MemoryReadings(60 * SECOND, false);

    @Test
    void storeAndMap_answerTheSame() throws IOException {
        answerTheSame(LifecycleOptions.NONE);
    }

    @Test
    void storeWithRollups_answersTheSame() throws IOException {
        answerTheSame(LifecycleOptions.NONE.rollups(
                List.of(new RollupLevel(Duration.ofSeconds(10), null), new RollupLevel(Duration.ofMinutes(1), null))));
    }

    private void answerTheSame(LifecycleOptions lifecycle) throws IOException {
        Random random = new Random(11);
        long headers = 0;
        try (QueryFixture fixture = new QueryFixture(directory, 4, lifecycle, Instant.ofEpochSecond(T0 / SECOND))) {
            QueryEngine real = fixture.engine();
            QueryEngine plain =
                    new QueryEngine(memory, memory, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
            for (int step = 0; step < 60; step++) {
                append(fixture, random);
                if (step % 8 == 7) {
                    fixture.store.flush();
                }
                ReadQuery read = readQuery(random);
                assertThat(rows(real, read)).as("step %d %s", step, read).isEqualTo(rows(plain, read));
                AggregateQuery aggregate = aggregateQuery(random);
                QueryRun run = real.begin(() -> false);
                assertThat(windows(real, aggregate, run))
                        .as("step %d %s", step, aggregate)
                        .isEqualTo(windows(plain, aggregate, plain.begin(() -> false)));
                headers += run.headers();
            }
        }
        assertThat(headers).isGreaterThan(50);
    }

    private void append(QueryFixture fixture, Random random) {
        String device = "d" + random.nextInt(3);
        int first = random.nextInt(SPAN_SECONDS);
        boolean nan = random.nextInt(3) == 0;
        BatchBuilder builder = new BatchBuilder();
        List<Stored> stored = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long event = T0 + (first + i) * SECOND;
            double temperature = nan && i % 30 == 3 ? Double.NaN : random.nextInt(400) / 4.0;
            builder.row(Device.of(device), event, event + 5)
                    .set("t", temperature)
                    .set("n", (long) i)
                    .set("state", i % 2 == 0 ? "on" : "off");
            stored.add(row(device, "t", ValueType.DOUBLE, event, temperature));
            stored.add(row(device, "n", ValueType.LONG, event, (long) i));
            stored.add(row(device, "state", ValueType.STRING, event, i % 2 == 0 ? "on" : "off"));
        }
        long collector = fixture.append(builder.build());
        for (Stored row : stored) {
            memory.add(new Stored(
                    row.device(), row.channel(), row.event(), row.edge(), collector, row.value(), row.quality()));
        }
    }

    private static Stored row(String device, String channel, ValueType type, long event, Object value) {
        return new Stored(device, Channel.of(channel, type), event, event + 5, 0, value, 0);
    }

    private static SeriesSelector series(Random random) {
        List<Glob> channels = random.nextBoolean() ? List.of() : List.of(new Glob("t"));
        return new SeriesSelector(new Glob(random.nextBoolean() ? "*" : "d1"), Map.of(), channels);
    }

    private static TimeRange range(Random random) {
        long from = T0 + random.nextInt(SPAN_SECONDS / 2) * SECOND;
        return new TimeRange(from, from + (1 + random.nextInt(SPAN_SECONDS)) * SECOND);
    }

    private static ReadQuery readQuery(Random random) {
        return new ReadQuery(
                series(random),
                Axis.values()[random.nextInt(3)],
                random.nextBoolean() ? TimeRange.ALL : range(random),
                random.nextBoolean(),
                random.nextBoolean() ? ReadQuery.NO_LIMIT : 1 + random.nextInt(500),
                null);
    }

    private static AggregateQuery aggregateQuery(Random random) {
        return new AggregateQuery(
                series(random),
                Axis.EVENT,
                range(random),
                random.nextInt(4) * 120 * SECOND,
                ZoneOffset.UTC,
                AggregateFunction.named().subList(0, random.nextBoolean() ? 7 : 11),
                random.nextBoolean() ? Grouping.DEVICE : Grouping.NONE,
                Fill.NULL);
    }

    private static List<String> rows(QueryEngine engine, ReadQuery query) throws IOException {
        List<String> rows = new ArrayList<>();
        Position next = engine.read(query, engine.begin(() -> false), row -> rows.add(QueryFixture.shown(row)));
        rows.add(String.valueOf(next));
        return rows;
    }

    private static List<String> windows(QueryEngine engine, AggregateQuery query, QueryRun run) throws IOException {
        return QueryFixture.windows(engine, query, run, "%.9g"::formatted);
    }
}
