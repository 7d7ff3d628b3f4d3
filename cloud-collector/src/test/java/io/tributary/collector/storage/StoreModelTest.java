package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations against the engine and against {@link StoreOracle}; the seed is the test's name. */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
class StoreModelTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String[] CHANNELS = {"a", "b", "c", "d"};

    @TempDir
    Path base;

    private Random random = new Random();
    private final StoreOracle oracle = new StoreOracle();
    private final List<Append> delivered = new ArrayList<>();
    private final TreeMap<Origin, Long> nextSequence = new TreeMap<>();
    private int directories;

    /** As many as {@code -Dtributary.seeds} says. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tributary.seeds", 8));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void operations_agreeWithTheOracle(long seed) throws IOException {
        random = new Random(seed);
        Path directory = base.resolve("0");
        EngineOptions options = TestEngine.options(1 + random.nextInt(4), 2 + random.nextInt(3));
        TestEngine engine = new TestEngine(directory, options);
        try {
            for (int step = 0; step < 250; step++) {
                int kind = random.nextInt(100);
                if (kind < 55) {
                    deliver(engine, newAppend());
                } else if (kind < 65 && !delivered.isEmpty()) {
                    deliver(engine, delivered.get(random.nextInt(delivered.size())));
                } else if (kind < 72 && delivered.size() > 1) {
                    deliver(engine, joined());
                } else if (kind < 76) {
                    lose(engine);
                } else if (kind < 88) {
                    engine.engine.flush();
                } else if (kind < 91) {
                    engine.close();
                    engine = new TestEngine(directory, options);
                } else if (kind < 94) {
                    directory = TestEngine.copy(directory, base.resolve("copy" + directories++));
                    TestEngine abandoned = engine;
                    engine = new TestEngine(directory, options);
                    abandoned.close();
                }
                checkAccounts(engine);
                checkReadings(engine);
                checkCatalog(engine);
            }
        } finally {
            engine.close();
        }
    }

    private void deliver(TestEngine engine, Append append) {
        long time = engine.append(append);
        oracle.append(append, time);
        assertThat(engine.engine.writer().received(append.origin()))
                .isEqualTo(StoreOracle.ranges(oracle.known(append.origin())));
    }

    private Append newAppend() {
        Origin origin = new Origin(random.nextBoolean() ? "left" : "right", random.nextInt(8) == 0 ? 2 : 1);
        Batch batch = batch();
        long next = nextSequence.getOrDefault(origin, 0L);
        long first = next + (random.nextInt(5) == 0 ? random.nextInt(20) : 0);
        if (random.nextInt(10) == 0 && next > 0) {
            first = random.nextInt((int) next + 1); // numbers given twice: the first to arrive counts
        }
        Append append;
        if (random.nextInt(6) == 0) {
            List<RejectedRows> rejected = List.of(
                    new RejectedRows(new SequenceRange(first, 3), 1, "future", "far", new byte[3]),
                    new RejectedRows(new SequenceRange(first, 3), 2, "odd", "very", null));
            long[][] sequences = PartitionRouter.sequences(batch, first + 3);
            append = append(origin, first, batch.readingCount() + 3, batch, sequences, null, rejected);
        } else {
            append = append(origin, first, batch.readingCount(), batch, null, BatchCodec.encode(batch), List.of());
        }
        nextSequence.merge(origin, append.range().end(), Math::max);
        delivered.add(append);
        return append;
    }

    private static Append append(
            Origin origin,
            long first,
            long count,
            Batch batch,
            long[][] sequences,
            byte[] encoded,
            List<RejectedRows> rejected) {
        return new Append(origin, first, count, batch, sequences, encoded, rejected);
    }

    /** A delivery made of neighbouring ones, of which some may be known. */
    private Append joined() {
        Append first = delivered.get(random.nextInt(delivered.size()));
        Append second = first;
        for (Append each : delivered) {
            if (each.origin().equals(first.origin())
                    && each.firstSequence() == first.range().end()) {
                second = each;
            }
        }
        if (second == first
                || !first.rejections().isEmpty()
                || !second.rejections().isEmpty()) {
            return first;
        }
        BatchBuilder dictionary = new BatchBuilder();
        List<Device> devices = new ArrayList<>(first.batch().devices());
        devices.addAll(second.batch().devices());
        List<Channel> channels = new ArrayList<>(first.batch().channels());
        channels.addAll(second.batch().channels());
        assertThat(dictionary.readingCount()).isZero();
        List<Table> tables = new ArrayList<>(first.batch().tables());
        for (Table table : second.batch().tables()) {
            int deviceShift = first.batch().devices().size();
            int channelShift = first.batch().channels().size();
            tables.add(new Table(
                    table.rows(),
                    shifted(table.runDevice(), deviceShift),
                    table.runLength(),
                    table.eventTimes(),
                    table.edgeTimes(),
                    shifted(table.channels(), channelShift),
                    table.columns()));
        }
        List<long[]> sequences =
                new ArrayList<>(List.of(PartitionRouter.rows(first).sequences()));
        sequences.addAll(List.of(PartitionRouter.rows(second).sequences()));
        return append(
                first.origin(),
                first.firstSequence(),
                first.count() + second.count(),
                new Batch(devices, channels, tables),
                sequences.toArray(long[][]::new),
                null,
                List.of());
    }

    private static int[] shifted(int[] values, int by) {
        int[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] += by;
        }
        return result;
    }

    private Batch batch() {
        BatchBuilder builder = new BatchBuilder();
        int rows = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 6);
        long start = random.nextInt(300);
        boolean ordered = random.nextInt(3) > 0;
        String device = "d" + random.nextInt(6);
        for (int i = 0; i < rows; i++) {
            device = random.nextInt(3) == 0 ? "d" + random.nextInt(6) : device;
            long event = T0 + (ordered ? start + i : random.nextInt(300)) * SECOND;
            builder.row(Device.of(device), event, event + random.nextInt(3));
            for (String channel : CHANNELS) {
                if (random.nextInt(4) > 0) {
                    set(builder, channel);
                }
            }
            set(builder, "a");
        }
        return builder.build();
    }

    private void set(BatchBuilder builder, String channel) {
        int quality = random.nextInt(8) == 0 ? 0x80 : 0;
        int value = random.nextInt(3);
        switch (channel.equals("d") ? random.nextInt(4) : channel.charAt(0) - 'a') {
            case 0 ->
                builder.set(
                        new Channel(channel, ValueType.DOUBLE, random.nextInt(20) == 0 ? "K" : ""),
                        value == 2 ? -0.0 : value == 1 ? Double.NaN : 0.0,
                        quality);
            case 1 -> builder.set(new Channel(channel, ValueType.LONG, ""), (long) value, quality);
            case 2 -> builder.set(new Channel(channel, ValueType.STRING, ""), "text" + value, quality);
            default -> builder.set(new Channel(channel, ValueType.BOOL, ""), value == 1, quality);
        }
    }

    private void lose(TestEngine engine) {
        Origin origin = new Origin(random.nextBoolean() ? "left" : "right", 1);
        long next = nextSequence.getOrDefault(origin, 0L);
        long first = Math.max(0, next - random.nextInt(10));
        long count = 1 + random.nextInt(15);
        String cause = random.nextBoolean() ? "full" : "old";
        engine.loss(origin.agent(), origin.epoch(), first, count, cause);
        oracle.loss(origin, first, count, cause);
        nextSequence.merge(origin, first + count, Math::max);
    }

    private void checkAccounts(TestEngine engine) {
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
                            account.redelivered()))
                    .isEqualTo(expected);
            assertThat(account.receivedReadings())
                    .isEqualTo(
                            account.stored() + account.duplicate() + account.replaced() + account.rejectedReadings());
        }
    }

    private static Map<String, List<SequenceRange>> withoutEmpty(Map<String, List<SequenceRange>> ranges) {
        Map<String, List<SequenceRange>> result = new TreeMap<>(ranges);
        result.values().removeIf(List::isEmpty);
        return result;
    }

    private void checkReadings(TestEngine engine) {
        String device = "d" + random.nextInt(6);
        long from = random.nextInt(3) == 0 ? Long.MIN_VALUE : T0 + random.nextInt(300) * SECOND;
        long to = random.nextInt(3) == 0 ? Long.MAX_VALUE : T0 + random.nextInt(300) * SECOND;
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

    private void checkCatalog(TestEngine engine) {
        CatalogReader catalog = engine.engine.catalog();
        List<String> listed = new ArrayList<>();
        String after = null;
        List<DeviceEntry> page = catalog.devices(Glob.ALL, Map.of(), 2, after);
        while (!page.isEmpty()) {
            page.forEach(device -> listed.add(device.id()));
            page = catalog.devices(
                    Glob.ALL, Map.of(), 2, page.get(page.size() - 1).id());
        }
        assertThat(listed).containsExactlyElementsOf(oracle.channels.keySet());
        String device = "d" + random.nextInt(6);
        DeviceDetail detail = catalog.device(device);
        TreeMap<String, Channel> channels = oracle.channels.get(device);
        if (channels == null) {
            assertThat(detail).isNull();
            return;
        }
        assertThat(detail.channels().stream().map(ChannelEntry::channel)).containsExactlyElementsOf(channels.values());
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
            assertThat(entry.firstEventTimeNs()).isEqualTo(first);
            assertThat(entry.lastEventTimeNs()).isEqualTo(last);
            latest.add(candidates);
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
