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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

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

    /** What has arrived of every origin, told at every acknowledgement. */
    void checkReceived() {
        for (Origin origin : oracle.origins()) {
            assertThat(engine.engine.writer().received(origin)).isEqualTo(StoreOracle.ranges(oracle.known(origin)));
        }
    }

    void checkAccounts() {
        for (Origin origin : oracle.origins()) {
            OriginAccount account = engine.engine.accounts().account(origin);
            OriginAccount expected = oracle.account(origin);
            OriginAccount found = new OriginAccount(
                    account.received(),
                    withoutEmpty(account.evicted()),
                    account.rejected(),
                    account.stored(),
                    account.duplicate(),
                    account.replaced(),
                    account.expired(),
                    account.erased(),
                    account.redelivered());
            same(terms(found), terms(expected), () -> "account of " + origin);
            same(found, expected, () -> "account of " + origin);
            assertThat(account.receivedReadings())
                    .isEqualTo(account.stored()
                            + account.duplicate()
                            + account.replaced()
                            + account.expired()
                            + account.erased()
                            + account.rejectedReadings());
        }
    }

    /** What a difference is looked for in first: ranges are long. */
    private static String terms(OriginAccount account) {
        return "received " + account.receivedReadings() + ", rejected " + account.rejected() + ", stored "
                + account.stored() + ", duplicate " + account.duplicate() + ", replaced " + account.replaced()
                + ", expired " + account.expired() + ", erased " + account.erased() + ", redelivered "
                + account.redelivered();
    }

    private static Map<String, List<SequenceRange>> withoutEmpty(Map<String, List<SequenceRange>> ranges) {
        Map<String, List<SequenceRange>> result = new TreeMap<>(ranges);
        result.values().removeIf(List::isEmpty);
        return result;
    }

    /** Fails with both, and what they are, when they differ; describes nothing as long as they do not. */
    static void same(Object found, Object expected, Supplier<String> what) {
        if (!found.equals(expected)) {
            assertThat(found).as(what.get()).isEqualTo(expected);
        }
    }

    /** Of one device, mostly a small range. */
    void checkReadings() {
        String device = "d" + random.nextInt(6);
        long first = traffic.firstSecond * SECOND;
        boolean wide = random.nextInt(20) == 0;
        long from = wide ? Long.MIN_VALUE : first + random.nextInt(traffic.span) * SECOND;
        long to = wide && random.nextBoolean() ? Long.MAX_VALUE : Math.max(from, first) + random.nextInt(30) * SECOND;
        Set<String> names = random.nextInt(3) == 0 ? Set.of("a", "d") : Set.of(CHANNELS);
        checkReadings(device, names, from, to, random.nextBoolean());
    }

    /** Everything of every device. */
    void checkEverything() {
        for (int i = 0; i < 6; i++) {
            checkReadings("d" + i, Set.of(CHANNELS), Long.MIN_VALUE, Long.MAX_VALUE, random.nextBoolean());
        }
    }

    private void checkReadings(String device, Set<String> names, long from, long to, boolean ascending) {
        Map<StoreOracle.Series, TreeMap<Long, Seen>> found = new HashMap<>();
        long before = ascending ? Long.MIN_VALUE : Long.MAX_VALUE;
        try (BlockCursor cursor = engine.engine.reader().read(device, names, from, to, ascending)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                assertThat(ascending ? block.firstEventTime() > before : block.lastEventTime() < before)
                        .as("block behind the one before")
                        .isTrue();
                before = ascending ? block.lastEventTime() : block.firstEventTime();
                for (int i = 0; i < block.channels().size(); i++) {
                    take(device, block, i, found);
                }
            }
        }
        Map<StoreOracle.Series, TreeMap<Long, Seen>> expected = new HashMap<>();
        oracle.stored.forEach((series, held) -> {
            if (series.device().equals(device) && names.contains(series.channel()) && from < to) {
                TreeMap<Long, Seen> values = new TreeMap<>();
                held.subMap(from, to).forEach((time, each) -> values.put(time, Seen.of(each)));
                if (!values.isEmpty()) {
                    expected.put(series, values);
                }
            }
        });
        same(found, expected, () -> "readings of " + device + " from " + from + " to " + to);
    }

    /** What a reader sees of a reading. */
    private record Seen(Object value, int quality, long edgeTime, long collectorTime) {
        static Seen of(StoreOracle.Held held) {
            return new Seen(held.value(), held.quality(), held.edgeTime(), held.collectorTime());
        }
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
            String device, DeviceBlock block, int index, Map<StoreOracle.Series, TreeMap<Long, Seen>> found) {
        Channel channel = block.channels().get(index);
        SeriesSlice slice = block.slice(index);
        SeriesStats stats = block.stats(index);
        if (stats != null) {
            assertThat(stats.count()).isEqualTo(slice.size());
            assertThat(stats.firstTime()).isEqualTo(slice.eventTimes()[0]);
            assertThat(stats.lastTime()).isEqualTo(slice.eventTimes()[slice.size() - 1]);
        }
        if (slice.size() == 0) {
            return;
        }
        TreeMap<Long, Seen> values = found.computeIfAbsent(
                new StoreOracle.Series(device, channel.name(), channel.type()), unused -> new TreeMap<>());
        for (int row = 0; row < slice.size(); row++) {
            long time = slice.eventTimes()[row];
            if (time < block.firstEventTime() || time > block.lastEventTime()) {
                assertThat(time).isBetween(block.firstEventTime(), block.lastEventTime());
            }
            Seen seen = new Seen(
                    StoreOracle.bits(TestEngine.value(slice.values(), row)),
                    slice.values().qualityAt(row),
                    slice.edgeTimes()[row],
                    slice.collectorTimes()[row]);
            assertThat(values.put(time, seen)).as("the same reading again").isNull();
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
                        candidates.add(time + " " + Seen.of(held));
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
            Seen seen = new Seen(
                    StoreOracle.bits(TestEngine.value(reading.value(), 0)),
                    reading.value().qualityAt(0),
                    reading.edgeTimeNs(),
                    reading.collectorTimeNs());
            assertThat(latest.get(i)).contains(reading.eventTimeNs() + " " + seen);
        }
    }
}
