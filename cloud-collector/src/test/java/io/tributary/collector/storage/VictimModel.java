package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.OriginAccount;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link StoreVictim} said, and what therefore has to be in its store, and what must not be.
 *
 * <pre>
 * reading    acknowledged, not expired, not of an erasure that began      there, with its value
 *            expired, or of an erasure that was acknowledged              gone
 *            of an erasure that began and was not acknowledged            either
 * window     of readings that no erasure touches                          exact, also when the readings have expired
 * account    adds up; every sequence that was acknowledged, without gaps
 * </pre>
 */
final class VictimModel {
    private static final long WINDOW_NS = 10_000_000_000L;

    private final TreeSet<Long> acknowledged = new TreeSet<>();
    private final Set<Long> begun = new TreeSet<>();
    private final Set<Long> erased = new TreeSet<>();
    private long mustBeGone;
    private long expiredWindows;

    /** Count and sum. */
    private record Window(long count, double sum) {
        static final Window NONE = new Window(0, 0);

        Window plus(double value) {
            return new Window(count + 1, sum + value);
        }
    }

    void note(String line) {
        long step = line.length() < 3 ? -1 : Long.parseLong(line.substring(2));
        switch (line.charAt(0)) {
            case 'A' -> acknowledged.add(step);
            case 'X' -> begun.add(step);
            case 'E' -> erased.add(step);
            default -> throw new AssertionError("line " + line);
        }
    }

    /** The step behind the last acknowledged one. */
    long next() {
        return acknowledged.isEmpty() ? 0 : acknowledged.last() + 1;
    }

    /** Readings that were looked for and had to be gone, in all checks. */
    long mustBeGone() {
        return mustBeGone;
    }

    /** Windows of readings that have expired, whose statistics had to be there, in all checks. */
    long expiredWindows() {
        return expiredWindows;
    }

    /** Opens the store, and compares everything in it. */
    void check(Path directory) throws IOException {
        assertThat(acknowledged).isNotEmpty();
        long last = next() - 1;
        try (TimeSeriesEngine engine = StoreVictim.open(directory, new AtomicLong(last))) {
            ((RocksEngine) engine).finishLifecycle();
            OriginAccount account = engine.accounts().account(StoreVictim.ORIGIN);
            assertThat(account.receivedReadings())
                    .isEqualTo(account.stored()
                            + account.duplicate()
                            + account.replaced()
                            + account.expired()
                            + account.erased()
                            + account.rejectedReadings());
            assertThat(account.received()).hasSize(1).first().satisfies(range -> {
                assertThat(range.first()).isZero();
                assertThat(range.end()).isGreaterThanOrEqualTo(StoreVictim.firstSequence(last + 1));
            });
            for (String channel : List.of("a", "b")) {
                readings(engine, channel, last);
                windows(engine, channel, last);
            }
        }
    }

    private void readings(TimeSeriesEngine engine, String channel, long last) {
        Map<String, Map<Long, Double>> found = new HashMap<>();
        for (int i = 0; i < StoreVictim.DEVICES; i++) {
            found.put("d" + i, series(engine, "d" + i, channel));
        }
        for (long step : acknowledged) {
            String device = StoreVictim.device(step);
            for (int row = 0; row < StoreVictim.ROWS; row++) {
                long event = StoreVictim.eventTime(step, row);
                Double value = found.getOrDefault(device, Map.of()).get(event);
                // The process may have gone a step further than it said.
                boolean mayBeGone =
                        covers(begun, channel, device, event, step) || StoreVictim.isExpired(channel, event, last + 2);
                if (StoreVictim.isExpired(channel, event, last) || covers(erased, channel, device, event, step)) {
                    mustBeGone++;
                    assertThat(value)
                            .as("%s %s of step %d row %d", device, channel, step, row)
                            .isNull();
                } else if (!mayBeGone) {
                    assertThat(value)
                            .as("%s %s of step %d row %d", device, channel, step, row)
                            .isEqualTo(StoreVictim.value(step, row));
                }
            }
        }
    }

    private void windows(TimeSeriesEngine engine, String channel, long last) throws IOException {
        Map<String, Map<Long, Window>> expected = new HashMap<>();
        for (long step : acknowledged) {
            for (int row = 0; row < StoreVictim.ROWS; row++) {
                long start = Math.floorDiv(StoreVictim.eventTime(step, row), WINDOW_NS) * WINDOW_NS;
                double value = StoreVictim.value(step, row);
                expected.computeIfAbsent(StoreVictim.device(step), unused -> new HashMap<>())
                        .merge(start, Window.NONE.plus(value), (before, one) -> before.plus(value));
            }
        }
        for (long unsaid = last + 1; unsaid <= last + 2; unsaid++) { // may be durable, too
            for (int row = 0; row < StoreVictim.ROWS; row++) {
                long start = Math.floorDiv(StoreVictim.eventTime(unsaid, row), WINDOW_NS) * WINDOW_NS;
                expected.getOrDefault(StoreVictim.device(unsaid), new HashMap<>())
                        .remove(start);
            }
        }
        Map<String, Map<Long, Window>> found = aggregate(engine, channel, last);
        expected.forEach((device, windows) -> windows.forEach((start, window) -> {
            if (!isTouched(channel, device, start)) {
                expiredWindows += StoreVictim.isExpired(channel, start + WINDOW_NS, last) ? 1 : 0;
                assertThat(found.getOrDefault(device, Map.of()).get(start))
                        .as("window of %s %s at %d", device, channel, start - TestEngine.T0)
                        .isEqualTo(window);
            }
        }));
    }

    private boolean isTouched(String channel, String device, long start) {
        return begun.stream()
                .map(StoreVictim::erasure)
                .anyMatch(request -> isOf(request, channel, device)
                        && start < request.toNs()
                        && start + WINDOW_NS > request.fromNs());
    }

    private static boolean isOf(ErasureRequest request, String channel, String device) {
        return request.device().equals(device)
                && (request.channels().isEmpty() || request.channels().contains(channel));
    }

    private static boolean covers(Set<Long> erasures, String channel, String device, long event, long step) {
        for (long at : erasures) {
            ErasureRequest request = StoreVictim.erasure(at);
            if (step <= at && isOf(request, channel, device) && event >= request.fromNs() && event < request.toNs()) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, Map<Long, Window>> aggregate(TimeSeriesEngine engine, String channel, long last)
            throws IOException {
        QueryEngine queries = new QueryEngine(
                engine.reader(), engine.catalog(), QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
        AggregateQuery query = new AggregateQuery(
                new SeriesSelector(Glob.ALL, Map.of(), List.of(new Glob(channel))),
                Axis.EVENT,
                new TimeRange(TestEngine.T0 - 100 * WINDOW_NS, TestEngine.T0 + (last + 10) * WINDOW_NS),
                WINDOW_NS,
                ZoneOffset.UTC,
                List.of(AggregateFunction.COUNT, AggregateFunction.SUM),
                Grouping.DEVICE,
                Fill.NONE,
                ReadingFilter.NONE,
                AggregateQuery.HOLD_ON,
                true,
                AggregateQuery.NO_LIMIT,
                null);
        Map<String, Map<Long, Window>> found = new HashMap<>();
        QueryRun run = queries.begin(() -> false);
        queries.aggregate(query, run, new WindowSink() {
            private Map<Long, Window> windows = new HashMap<>();

            @Override
            public void beginSeries(@Nullable String group, String name, String unit) {
                windows = found.computeIfAbsent(String.valueOf(group), unused -> new HashMap<>());
            }

            @Override
            public boolean window(long startNs, double[] values) {
                windows.put(startNs, new Window((long) values[0], values[1]));
                return true;
            }

            @Override
            public void endSeries() {}
        });
        return found;
    }

    private static Map<Long, Double> series(TimeSeriesEngine engine, String device, String channel) {
        Map<Long, Double> values = new HashMap<>();
        try (BlockCursor cursor = engine.reader().read(device, Set.of(channel), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                for (int i = 0; i < block.channels().size(); i++) {
                    SeriesSlice slice = block.slice(i);
                    for (int row = 0; row < slice.size(); row++) {
                        Double before = values.put(
                                slice.eventTimes()[row], slice.values().doubles()[row]);
                        assertThat(before)
                                .as("%s at %d twice", device, slice.eventTimes()[row])
                                .isNull();
                    }
                }
            }
        }
        return values;
    }
}
