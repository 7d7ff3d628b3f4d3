package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Compares an engine with {@link StoreOracle}, in random places. */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class ModelChecks {
    private static final long SECOND = ModelTraffic.SECOND;
    private static final String[] CHANNELS = ModelTraffic.CHANNELS;

    private final TestEngine engine;
    private final StoreOracle oracle;
    private final ModelTraffic traffic;
    private final Random random;
    /** Whether nothing has expired or was erased so far: then the catalog tells of nothing else. */
    private final boolean exact;

    ModelChecks(TestEngine engine, StoreOracle oracle, ModelTraffic traffic, Random random, boolean exact) {
        this.engine = engine;
        this.oracle = oracle;
        this.traffic = traffic;
        this.random = random;
        this.exact = exact;
    }

    void checkAccounts() {
        for (Origin origin : oracle.origins()) {
            OriginAccount account = engine.engine.accounts().account(origin);
            OriginAccount expected = oracle.account(origin);
            assertThat(new OriginAccount(
                            account.received(),
                            withoutEmpty(account.evicted()),
                            account.rejected(),
                            account.stored(),
                            account.duplicate(),
                            account.replaced(),
                            account.expired(),
                            account.erased(),
                            account.redelivered()))
                    .isEqualTo(expected);
            assertThat(account.receivedReadings())
                    .isEqualTo(account.stored()
                            + account.duplicate()
                            + account.replaced()
                            + account.expired()
                            + account.erased()
                            + account.rejectedReadings());
        }
    }

    private static Map<String, List<SequenceRange>> withoutEmpty(Map<String, List<SequenceRange>> ranges) {
        Map<String, List<SequenceRange>> result = new TreeMap<>(ranges);
        result.values().removeIf(List::isEmpty);
        return result;
    }

    void checkReadings() {
        String device = "d" + random.nextInt(6);
        long first = traffic.firstSecond * SECOND;
        long from = random.nextInt(3) == 0 ? Long.MIN_VALUE : first + random.nextInt(traffic.span) * SECOND;
        long to = random.nextInt(3) == 0 ? Long.MAX_VALUE : first + random.nextInt(traffic.span) * SECOND;
        Set<String> names = random.nextInt(3) == 0 ? Set.of("a", "d") : Set.of(CHANNELS);
        boolean ascending = random.nextBoolean();
        Map<StoreOracle.Series, TreeMap<Long, Object>> found = new TreeMap<>(Comparator.comparing(Object::toString));
        long before = ascending ? Long.MIN_VALUE : Long.MAX_VALUE;
        try (BlockCursor cursor = engine.engine.reader().read(device, names, from, to, ascending)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                assertThat(ascending ? block.firstEventTime() > before : block.lastEventTime() < before)
                        .isTrue();
                before = ascending ? block.lastEventTime() : block.firstEventTime();
                for (int i = 0; i < block.channels().size(); i++) {
                    take(device, block, i, found);
                }
            }
        }
        Map<StoreOracle.Series, TreeMap<Long, Object>> expected = new TreeMap<>(Comparator.comparing(Object::toString));
        oracle.stored.forEach((series, held) -> {
            if (series.device().equals(device) && names.contains(series.channel()) && from < to) {
                TreeMap<Long, Object> values = new TreeMap<>();
                held.subMap(from, to).forEach((time, each) -> values.put(time, describe(each)));
                if (!values.isEmpty()) {
                    expected.put(series, values);
                }
            }
        });
        assertThat(found).isEqualTo(expected);
    }

    /** With nothing in the heads and nothing left to do. */
    void checkRollups() {
        String device = "d" + random.nextInt(6);
        Map<StoreOracle.Series, TreeMap<Long, RollupOracle.Window>> found = RollupOracle.empty();
        try (BlockCursor cursor = engine.engine
                .reader()
                .aggregate(device, null, Long.MIN_VALUE, Long.MAX_VALUE, every -> every == RollupOracle.EVERY)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                for (int i = 0; i < block.channels().size(); i++) {
                    Channel channel = block.channels().get(i);
                    StoreOracle.Series series = new StoreOracle.Series(device, channel.name(), channel.type());
                    TreeMap<Long, RollupOracle.Window> windows =
                            found.computeIfAbsent(series, unused -> new TreeMap<>());
                    StatsRows rows = block.statsRows(i);
                    assertThat(rows).isNotNull();
                    for (int row = 0; row < rows.size(); row++) {
                        RollupOracle.window(windows, rows.windowStart(row), series)
                                .add(rows.numbers(row), rows.others(row));
                    }
                }
            }
        }
        assertThat(RollupOracle.shown(found)).isEqualTo(oracle.rollups.of(device, oracle.stored));
    }

    private static void take(
            String device, DeviceBlock block, int index, Map<StoreOracle.Series, TreeMap<Long, Object>> found) {
        Channel channel = block.channels().get(index);
        SeriesSlice slice = block.slice(index);
        SeriesStats stats = block.stats(index);
        if (stats != null) {
            assertThat(stats.count()).isEqualTo(slice.size());
            assertThat(stats.firstTime()).isEqualTo(slice.eventTimes()[0]);
            assertThat(stats.lastTime()).isEqualTo(slice.eventTimes()[slice.size() - 1]);
        }
        for (int row = 0; row < slice.size(); row++) {
            long time = slice.eventTimes()[row];
            assertThat(time).isBetween(block.firstEventTime(), block.lastEventTime());
            found.computeIfAbsent(
                            new StoreOracle.Series(device, channel.name(), channel.type()), unused -> new TreeMap<>())
                    .put(
                            time,
                            describe(new StoreOracle.Held(
                                    new Origin("any", 0),
                                    0,
                                    slice.collectorTimes()[row],
                                    slice.edgeTimes()[row],
                                    StoreOracle.bits(TestEngine.value(slice.values(), row)),
                                    slice.values().qualityAt(row))));
        }
    }

    void checkCatalog() {
        CatalogReader catalog = engine.engine.catalog();
        List<String> listed = new ArrayList<>();
        String after = null;
        List<DeviceEntry> page = catalog.devices(Glob.ALL, Map.of(), 2, after);
        while (!page.isEmpty()) {
            page.forEach(device -> listed.add(device.id()));
            page = catalog.devices(
                    Glob.ALL, Map.of(), 2, page.get(page.size() - 1).id());
        }
        assertThat(oracle.channels.keySet()).containsAll(listed);
        Set<String> holding = new HashSet<>();
        oracle.stored.keySet().forEach(series -> holding.add(series.device()));
        assertThat(listed).containsAll(holding);
        String device = "d" + random.nextInt(6);
        DeviceDetail detail = catalog.device(device);
        TreeMap<String, Channel> channels = oracle.channels.get(device);
        if (detail == null) {
            assertThat(holding).doesNotContain(device);
            return;
        }
        if (exact) {
            assertThat(listed).containsExactlyElementsOf(oracle.channels.keySet());
            assertThat(detail.channels().stream().map(ChannelEntry::channel))
                    .containsExactlyElementsOf(channels.values());
        }
        List<Set<String>> latest = new ArrayList<>();
        for (ChannelEntry entry : detail.channels()) {
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            long collector = Long.MIN_VALUE;
            Set<String> candidates = new HashSet<>(); // several types may have arrived at once
            for (var each : oracle.stored.entrySet()) {
                if (each.getKey().device().equals(device)
                        && each.getKey().channel().equals(entry.channel().name())) {
                    first = Math.min(first, each.getValue().firstKey());
                    long time = each.getValue().lastKey();
                    StoreOracle.Held held = each.getValue().lastEntry().getValue();
                    if (time > last || (time == last && held.collectorTime() > collector)) {
                        candidates.clear();
                        collector = held.collectorTime();
                        last = time;
                    }
                    if (time == last && held.collectorTime() == collector) {
                        candidates.add(time + " " + describe(held));
                    }
                }
            }
            // What expired or was erased may still be told of.
            assertThat(entry.firstEventTimeNs()).isLessThanOrEqualTo(first);
            assertThat(entry.lastEventTimeNs()).isGreaterThanOrEqualTo(last);
            if (exact) {
                assertThat(entry.firstEventTimeNs()).isEqualTo(first);
                assertThat(entry.lastEventTimeNs()).isEqualTo(last);
            }
            if (!candidates.isEmpty()) {
                latest.add(candidates);
            }
        }
        List<LatestReading> found = engine.engine.reader().latest(device, null);
        assertThat(found).hasSameSizeAs(latest);
        for (int i = 0; i < found.size(); i++) {
            LatestReading reading = found.get(i);
            StoreOracle.Held held = new StoreOracle.Held(
                    new Origin("any", 0),
                    0,
                    reading.collectorTimeNs(),
                    reading.edgeTimeNs(),
                    StoreOracle.bits(TestEngine.value(reading.value(), 0)),
                    reading.value().qualityAt(0));
            assertThat(latest.get(i)).contains(reading.eventTimeNs() + " " + describe(held));
        }
    }

    private static String describe(StoreOracle.Held held) {
        return held.value() + " q" + held.quality() + " e" + held.edgeTime() + " c" + held.collectorTime();
    }
}
