package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.ErasureRequest;
import io.tributary.collector.storage.LatestReading;
import io.tributary.collector.storage.LifecycleOptions;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.RetentionRule;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same engine with and without what it remembers of devices answers the same, bit for bit, after every write: late
 * rows, duplicates, fragments, NaN and -0.0, changed types, retention and erasures.
 */
class SummariesTest {
    private static final long T0 = 1_700_000_040_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int SPAN_SECONDS = 900;
    private static final int AGAIN = 100;

    @TempDir
    Path directory;

    private long sequence;

    private static EngineOptions options(int foldFragments) {
        return new EngineOptions(
                3,
                Duration.ofMinutes(1),
                1 << 20,
                Duration.ofSeconds(30),
                64 << 10,
                8 << 20,
                Duration.ofDays(1),
                4 << 20,
                16 << 20,
                4 << 20,
                4 << 20,
                1 << 20,
                1,
                foldFragments);
    }

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
        run(LifecycleOptions.NONE, options(3), 21);
    }

    @Test
    void remembered_isWhatReadingGives_underRetention() throws IOException {
        RetentionRule rule = new RetentionRule(Glob.ALL, new Glob("n"), Map.of(), Duration.ofMinutes(5));
        run(LifecycleOptions.NONE.retention(Duration.ofMinutes(8), List.of(rule)), options(3), 22);
    }

    private void run(LifecycleOptions lifecycle, EngineOptions options, int seed) throws IOException {
        Random random = new Random(seed);
        Instant now = Instant.ofEpochSecond(T0 / SECOND + SPAN_SECONDS);
        long headers = 0;
        try (TimeSeriesEngine store =
                TimeSeriesEngine.open(directory, options, lifecycle, () -> now, new PrometheusRegistry())) {
            QueryEngine fast = engine(store, store.reader());
            QueryEngine plain = engine(store, new PlainReader(store.reader()));
            for (int step = 0; step < 120; step++) {
                change(store, random, step);
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

    private void change(TimeSeriesEngine store, Random random, int step) {
        if (step % 5 == 4) {
            store.flush();
        } else if (step % 23 == 22) {
            long from = T0 + random.nextInt(SPAN_SECONDS) * SECOND;
            List<String> channels = random.nextBoolean() ? List.of() : List.of("t");
            store.erasures()
                    .erase(new ErasureRequest("d" + random.nextInt(4), channels, false, from, from + 100 * SECOND));
        } else {
            append(store, random);
        }
    }

    private static QueryEngine engine(TimeSeriesEngine store, ReadingReader reader) {
        return new QueryEngine(
                reader, store.catalog(), QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
    }

    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private void append(TimeSeriesEngine store, Random random) {
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
        Batch batch = builder.build();
        CompletableFuture<Long> durable = new CompletableFuture<>();
        boolean taken = store.writer()
                .append(
                        new Append(
                                new Origin("agent", 1), sequence, batch.readingCount(), batch, null, null, List.of()),
                        new AppendCallback() {
                            @Override
                            public void durable(long collectorTimeNs) {
                                durable.complete(collectorTimeNs);
                            }

                            @Override
                            public void failed(Throwable cause) {
                                durable.completeExceptionally(cause);
                            }
                        });
        assertThat(taken).isTrue();
        durable.join();
        sequence += batch.readingCount();
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
            rows.append(row.device()).append(' ').append(row.channel()).append(' ');
            rows.append(row.eventTimeNs()).append(' ').append(row.edgeTimeNs()).append(' ');
            rows.append(row.collectorTimeNs()).append(' ').append(row.quality()).append(' ');
            boolean text = row.channel().type() == ValueType.STRING;
            rows.append(text ? row.stringValue() : Long.toHexString(row.longValue()));
            rows.append('\n');
            return true;
        });
        return rows.toString();
    }

    private static String windows(QueryEngine engine, AggregateQuery query, QueryRun run) throws IOException {
        List<String> windows = new ArrayList<>();
        engine.aggregate(query, run, new WindowSink() {
            @Override
            public void beginSeries(@Nullable String group, String channel, String unit) {
                windows.add(group + " " + channel + " " + unit);
            }

            @Override
            public boolean window(long startNs, double[] values) {
                StringBuilder line = new StringBuilder().append(startNs);
                for (double value : values) {
                    line.append(' ').append(Long.toHexString(Double.doubleToRawLongBits(value)));
                }
                return windows.add(line.toString());
            }

            @Override
            public void endSeries() {}
        });
        return String.join("\n", windows);
    }
}
