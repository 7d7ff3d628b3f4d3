package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.ErasureRequest;
import io.tributary.collector.storage.LatestReading;
import io.tributary.collector.storage.LifecycleOptions;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.RetentionRule;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same engine with and without what it remembers of devices answers the same, bit for bit, after every write: late
 * rows, duplicates, fragments, NaN and -0.0, changed types, retention and erasures.
 */
class SummariesTest {
    private static final long T0 = 1_700_000_040_000_000_000L;
    private static final long SECOND = QueryFixture.SECOND;
    private static final int SPAN_SECONDS = 900;
    private static final int AGAIN = 100;

    @TempDir
    Path directory;

    /** Reads everything that is asked for. */
    private record PlainReader(ReadingReader reader) implements ReadingReader {
        @Override
        public BlockCursor read(
                String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending) {
            return reader.read(device, channels, fromNs, toNs, ascending);
        }

        @Override
        public List<LatestReading> latest(String device, @Nullable Set<String> channels) {
            return reader.latest(device, channels);
        }
    }

    @Test
    void remembered_isWhatReadingGives() throws IOException {
        run(LifecycleOptions.NONE, 21);
    }

    @Test
    void remembered_isWhatReadingGives_underRetention() throws IOException {
        RetentionRule rule = new RetentionRule(Glob.ALL, new Glob("n"), Map.of(), Duration.ofMinutes(5));
        run(LifecycleOptions.NONE.retention(Duration.ofMinutes(8), List.of(rule)), 22);
    }

    private void run(LifecycleOptions lifecycle, int seed) throws IOException {
        Random random = new Random(seed);
        Instant now = Instant.ofEpochSecond(T0 / SECOND + SPAN_SECONDS);
        long headers = 0;
        try (QueryFixture fixture = new QueryFixture(directory, 3, lifecycle, now)) {
            QueryEngine fast = fixture.engine();
            QueryEngine plain = fixture.engine(new PlainReader(fixture.store.reader()));
            for (int step = 0; step < 120; step++) {
                change(fixture, random, step);
                for (int i = 0; i < 4; i++) {
                    AggregateQuery query = aggregateQuery(random);
                    QueryRun run = fast.begin(() -> false);
                    String found = windows(fast, query, run);
                    headers += run.headers();
                    String read = windows(plain, query, plain.begin(() -> false));
                    // Where a chunk is rewritten in between, numbers are added up in another order.
                    for (int again = 0; again < AGAIN && !found.equals(read); again++) {
                        found = windows(fast, query, fast.begin(() -> false));
                        read = windows(plain, query, plain.begin(() -> false));
                    }
                    assertThat(found)
                            .as("seed %d step %d %s", seed, step, query)
                            .isEqualTo(read);
                }
                SeriesSelector series = series(random);
                String found = latest(fast, series);
                String read = latest(plain, series);
                for (int again = 0; again < AGAIN && !found.equals(read); again++) {
                    found = latest(fast, series);
                    read = latest(plain, series);
                }
                assertThat(found).as("seed %d step %d %s", seed, step, series).isEqualTo(read);
            }
        }
        assertThat(headers).isGreaterThan(500);
    }

    private static void change(QueryFixture fixture, Random random, int step) {
        if (step % 5 == 4) {
            fixture.store.flush();
        } else if (step % 23 == 22) {
            long from = T0 + random.nextInt(SPAN_SECONDS) * SECOND;
            List<String> channels = random.nextBoolean() ? List.of() : List.of("t");
            fixture.store
                    .erasures()
                    .erase(new ErasureRequest("d" + random.nextInt(4), channels, false, from, from + 100 * SECOND));
        } else {
            append(fixture, random);
        }
    }

    private static void append(QueryFixture fixture, Random random) {
        Device device = Device.of("d" + random.nextInt(4));
        int first = random.nextInt(SPAN_SECONDS);
        int every = random.nextInt(4) == 0 ? 7 : 1;
        boolean odd = random.nextInt(4) == 0;
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 60; i++) {
            long event = T0 + (first + i * every) * SECOND;
            double value = odd && i % 20 == 3 ? Double.NaN : odd && i % 5 == 0 ? -0.0 : random.nextInt(400) / 4.0 - 50;
            builder.row(device, event, event + 5).set("t", value);
            if (i % 3 != 0) {
                builder.set("n", random.nextLong());
            }
            builder.set("state", i % 2 == 0 ? "on" : "off");
            if (odd) {
                builder.set("mixed", (long) i);
            } else {
                builder.set("mixed", i / 3.0);
            }
        }
        fixture.append(builder.build());
    }

    private static SeriesSelector series(Random random) {
        List<Glob> channels = switch (random.nextInt(4)) {
            case 0 -> List.of();
            case 1 -> List.of(new Glob("t"));
            case 2 -> List.of(new Glob("mixed"), new Glob("state"));
            default -> List.of(new Glob("?"));
        };
        String[] devices = {"*", "d?", "d1", "d[", "d*"};
        return new SeriesSelector(new Glob(devices[random.nextInt(devices.length)]), Map.of(), channels);
    }

    private static TimeRange range(Random random) {
        int from = random.nextInt(SPAN_SECONDS) - 60;
        return random.nextInt(3) == 0
                ? new TimeRange(T0 - 3600 * SECOND, T0 + 3600 * SECOND)
                : new TimeRange(T0 + from * SECOND, T0 + (from + 1 + random.nextInt(2 * SPAN_SECONDS)) * SECOND);
    }

    private static AggregateQuery aggregateQuery(Random random) {
        return new AggregateQuery(
                series(random),
                Axis.EVENT,
                range(random),
                random.nextInt(4) * 60 * SECOND,
                ZoneOffset.UTC,
                AggregateFunction.named().subList(0, random.nextInt(8) == 0 ? 11 : 7),
                random.nextBoolean() ? Grouping.DEVICE : Grouping.NONE,
                random.nextBoolean() ? Fill.NULL : Fill.NONE);
    }

    private static String latest(QueryEngine engine, SeriesSelector series) throws IOException {
        StringBuilder rows = new StringBuilder();
        engine.latest(series, engine.begin(() -> false), row -> {
            rows.append(QueryFixture.shown(row)).append('\n');
            return true;
        });
        return rows.toString();
    }

    private static String windows(QueryEngine engine, AggregateQuery query, QueryRun run) throws IOException {
        return String.join(
                "\n",
                QueryFixture.windows(engine, query, run, value -> Long.toHexString(Double.doubleToRawLongBits(value))));
    }
}
