package io.tributary.collector.query;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.SchemaChange;
import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.LatestReading;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.SeriesSlice;
import io.tributary.collector.storage.SeriesStats;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A store in maps: what the engine must see, without any of the ways in which the real one is fast. */
public final class MemoryReadings implements ReadingReader, CatalogReader {
    private static final Comparator<Channel> BY_NAME_AND_TYPE =
            Comparator.comparing(Channel::name).thenComparing(Channel::type);

    /** Width of a block in event time. */
    private final long blockNs;

    private final boolean statsKnown;
    private final TreeMap<String, Map<String, String>> tags = new TreeMap<>();
    private final TreeMap<String, TreeMap<Channel, TreeMap<Long, Stored>>> devices = new TreeMap<>();
    /** Cursors that were not closed. */
    public volatile int openCursors;

    /** One reading; the value is a Double, Long, Boolean or String. */
    public record Stored(
            String device, Channel channel, long event, long edge, long collector, Object value, int quality) {}

    public MemoryReadings(long blockNs, boolean statsKnown) {
        this.blockNs = blockNs;
        this.statsKnown = statsKnown;
    }

    public MemoryReadings tags(String device, Map<String, String> newTags) {
        tags.put(device, newTags);
        devices.computeIfAbsent(device, d -> new TreeMap<>(BY_NAME_AND_TYPE));
        return this;
    }

    public MemoryReadings add(Stored reading) {
        tags.computeIfAbsent(reading.device(), d -> Map.of());
        devices.computeIfAbsent(reading.device(), d -> new TreeMap<>(BY_NAME_AND_TYPE))
                .computeIfAbsent(reading.channel(), c -> new TreeMap<>())
                .put(reading.event(), reading);
        return this;
    }

    public MemoryReadings add(String device, Channel channel, long event, Object value) {
        return add(new Stored(device, channel, event, event + 1_000_000, event + 2_000_000, value, 0));
    }

    /** Everything, by device, event time, channel, type. */
    public List<Stored> all() {
        List<Stored> all = new ArrayList<>();
        devices.forEach((device, channels) -> channels.forEach((channel, rows) -> all.addAll(rows.values())));
        all.sort(Comparator.comparing(Stored::device)
                .thenComparing(Stored::event)
                .thenComparing(Stored::channel, BY_NAME_AND_TYPE));
        return all;
    }

    /** Of a channel's types, what they have at this time. */
    List<Stored> at(String device, String channel, long event) {
        List<Stored> found = new ArrayList<>();
        channelsOf(device).forEach((of, rows) -> {
            Stored row = rows.get(event);
            if (row != null && of.name().equals(channel)) {
                found.add(row);
            }
        });
        return found;
    }

    public Map<String, String> tagsOf(String device) {
        return tags.getOrDefault(device, Map.of());
    }

    private TreeMap<Channel, TreeMap<Long, Stored>> channelsOf(String device) {
        TreeMap<Channel, TreeMap<Long, Stored>> channels = devices.get(device);
        return channels == null ? new TreeMap<>(BY_NAME_AND_TYPE) : channels;
    }

    @Override
    public BlockCursor read(String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending) {
        TreeMap<Long, Block> blocks = new TreeMap<>();
        channelsOf(device).forEach((channel, rows) -> {
            if (channels == null || channels.contains(channel.name())) {
                rows.subMap(fromNs, toNs)
                        .forEach((time, row) -> blocks.computeIfAbsent(
                                        Math.floorDiv(time, blockNs), b -> new Block(device))
                                .series
                                .computeIfAbsent(channel, c -> new TreeMap<>())
                                .put(time, row));
            }
        });
        blocks.forEach((index, block) ->
                block.whole = statsKnown && index * blockNs >= fromNs && (index + 1) * blockNs <= toNs);
        List<Block> ordered = new ArrayList<>(blocks.values());
        if (!ascending) {
            Collections.reverse(ordered);
        }
        openCursors++;
        return new BlockCursor() {
            private int next;
            private boolean closed;

            @Override
            public @Nullable DeviceBlock next() {
                return next < ordered.size() ? ordered.get(next++) : null;
            }

            @Override
            public void close() {
                openCursors -= closed ? 0 : 1;
                closed = true;
            }
        };
    }

    private static final class Block implements DeviceBlock {
        private final String device;
        private final TreeMap<Channel, NavigableMap<Long, Stored>> series = new TreeMap<>(BY_NAME_AND_TYPE);
        private boolean whole;

        Block(String device) {
            this.device = device;
        }

        @Override
        public String device() {
            return device;
        }

        @Override
        public long firstEventTime() {
            return series.values().stream()
                    .mapToLong(NavigableMap::firstKey)
                    .min()
                    .orElseThrow();
        }

        @Override
        public long lastEventTime() {
            return series.values().stream()
                    .mapToLong(NavigableMap::lastKey)
                    .max()
                    .orElseThrow();
        }

        @Override
        public List<Channel> channels() {
            return List.copyOf(series.keySet());
        }

        private NavigableMap<Long, Stored> rows(int channel) {
            return series.values().stream().skip(channel).findFirst().orElseThrow();
        }

        @Override
        public @Nullable SeriesStats stats(int channel) {
            SeriesSlice slice = slice(channel);
            if (!whole) {
                return null;
            }
            double min = Double.NaN;
            double max = Double.NaN;
            double sum = 0;
            for (int i = 0; i < slice.size(); i++) {
                double value = number(slice.values(), i);
                if (Double.isNaN(value) && slice.channel().type() == ValueType.DOUBLE) {
                    return null;
                }
                min = i == 0 ? value : Math.min(min, value);
                max = i == 0 ? value : Math.max(max, value);
                sum += value;
            }
            int last = slice.size() - 1;
            return new SeriesStats(
                    slice.size(),
                    min,
                    max,
                    sum,
                    number(slice.values(), 0),
                    number(slice.values(), last),
                    slice.eventTimes()[0],
                    slice.eventTimes()[last]);
        }

        private static double number(Column column, int index) {
            return switch (column.type()) {
                case DOUBLE -> column.doubles()[index];
                case LONG, BOOL -> column.longs()[index];
                case STRING -> Double.NaN;
            };
        }

        @Override
        public SeriesSlice slice(int channel) {
            List<Stored> rows = List.copyOf(rows(channel).values());
            return new SeriesSlice(
                    channels().get(channel),
                    rows.size(),
                    rows.stream().mapToLong(Stored::event).toArray(),
                    rows.stream().mapToLong(Stored::edge).toArray(),
                    rows.stream().mapToLong(Stored::collector).toArray(),
                    column(channels().get(channel).type(), rows));
        }
    }

    private static Column column(ValueType type, List<Stored> rows) {
        byte[] quality = new byte[rows.size()];
        for (int i = 0; i < quality.length; i++) {
            quality[i] = (byte) rows.get(i).quality();
        }
        int size = rows.size();
        return switch (type) {
            case DOUBLE ->
                Column.ofDoubles(
                        rows.stream().mapToDouble(row -> (Double) row.value()).toArray(), size, null, quality);
            case LONG ->
                Column.ofLongs(
                        rows.stream().mapToLong(row -> (Long) row.value()).toArray(), size, null, quality);
            case BOOL ->
                Column.ofBools(
                        rows.stream()
                                .mapToLong(row -> (Boolean) row.value() ? 1 : 0)
                                .toArray(),
                        size,
                        null,
                        quality);
            case STRING ->
                Column.ofStrings(
                        rows.stream().map(row -> (String) row.value()).toArray(String[]::new), size, null, quality);
        };
    }

    @Override
    public List<LatestReading> latest(String device, @Nullable Set<String> channels) {
        TreeMap<String, Stored> latest = new TreeMap<>();
        channelsOf(device).forEach((channel, rows) -> {
            Stored last = rows.lastEntry().getValue();
            if (channels == null || channels.contains(channel.name())) {
                latest.merge(channel.name(), last, (a, b) -> a.event() > b.event() ? a : b);
            }
        });
        return latest.values().stream()
                .map(row -> new LatestReading(
                        device,
                        row.channel(),
                        row.event(),
                        row.edge(),
                        row.collector(),
                        column(row.channel().type(), List.of(row))))
                .toList();
    }

    @Override
    public List<DeviceEntry> devices(Glob match, Map<String, String> wanted, int limit, @Nullable String after) {
        return devices.keySet().stream()
                .filter(match::matches)
                .filter(id -> tagsOf(id).entrySet().containsAll(wanted.entrySet()))
                .filter(id -> after == null || id.compareTo(after) > 0)
                .limit(limit)
                .map(this::entry)
                .toList();
    }

    private DeviceEntry entry(String id) {
        List<Stored> rows =
                all().stream().filter(row -> row.device().equals(id)).toList();
        return new DeviceEntry(
                id,
                tagsOf(id),
                rows.isEmpty() ? 0 : rows.get(0).event(),
                rows.isEmpty() ? 0 : rows.get(rows.size() - 1).event());
    }

    @Override
    public @Nullable DeviceDetail device(String id) {
        TreeMap<Channel, TreeMap<Long, Stored>> channels = devices.get(id);
        if (channels == null) {
            return null;
        }
        List<ChannelEntry> entries = new ArrayList<>();
        channels.forEach((channel, rows) -> entries.add(new ChannelEntry(
                channel,
                rows.firstKey(),
                rows.lastKey(),
                List.of(new SchemaChange(rows.firstEntry().getValue().collector(), channel.type(), channel.unit())))));
        return new DeviceDetail(entry(id), entries);
    }

    @Override
    public long deviceCount() {
        return devices.size();
    }
}
