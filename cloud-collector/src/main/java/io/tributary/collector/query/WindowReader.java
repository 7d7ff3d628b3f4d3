package io.tributary.collector.query;

import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.model.Channel;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers one {@link AggregateQuery}. Grouped by device, a device's series are given out as soon as it has been read;
 * otherwise all groups are kept to the end, which the limit of cells bounds.
 */
final class WindowReader {
    private final ReadingReader reader;
    private final AggregateQuery query;
    private final Windows windows;
    private final QueryRun run;
    private final WindowSink sink;
    private final TreeMap<Key, Cells> groups = new TreeMap<>();

    /** Series that are aggregated together. */
    private record Key(@Nullable String group, String channel, String unit) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.<Key, String>comparing(
                        key -> key.group, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparing(Key::channel)
                .thenComparing(Key::unit);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    WindowReader(ReadingReader reader, AggregateQuery query, QueryRun run, WindowSink sink) {
        this.reader = reader;
        this.query = query;
        this.run = run;
        this.sink = sink;
        this.windows = query.everyNs() == 0
                ? Windows.whole(query.range())
                : Windows.of(
                        query.range(),
                        query.everyNs(),
                        query.zone(),
                        run.limits().windowsMax());
    }

    void readDevice(DeviceEntry device, @Nullable Set<String> channels) throws IOException {
        String group = switch (query.grouping().kind()) {
            case DEVICE -> device.id();
            case TAG -> device.tags().get(query.grouping().tag());
            case NONE -> null;
        };
        boolean byEvent = query.axis() == Axis.EVENT;
        long from = byEvent ? query.range().fromNs() : Long.MIN_VALUE;
        long to = byEvent ? query.range().toNs() : Long.MAX_VALUE;
        Set<Cells> touched = new HashSet<>();
        try (BlockCursor cursor = reader.read(device.id(), channels, from, to, true)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                run.check();
                for (int i = 0; i < block.channels().size(); i++) {
                    Cells cells = cells(group, block.channels().get(i));
                    touched.add(cells);
                    add(block, i, cells);
                }
            }
        }
        touched.forEach(Cells::endSeries);
        if (query.grouping().kind() == Grouping.Kind.DEVICE) {
            emit();
        }
    }

    private void add(DeviceBlock block, int channel, Cells cells) {
        if (cells.addStats(block.stats(channel), block.channels().get(channel).type())) {
            run.answeredFromHeader();
            return;
        }
        var slice = block.slice(channel);
        run.scanned(slice.size());
        cells.addSlice(slice);
    }

    private Cells cells(@Nullable String group, Channel channel) {
        Key key = new Key(group, channel.name(), channel.unit());
        Cells known = groups.get(key);
        if (known != null) {
            return known;
        }
        long all = (groups.size() + 1L) * windows.count();
        if (all > run.limits().cellsMax()) {
            throw QueryException.tooLarge("more than " + groups.size() + " series of " + windows.count()
                    + " windows at the same time, expected at most "
                    + run.limits().cellsMax()
                    + " windows together; ask for fewer channels, a wider every, a shorter range"
                    + (query.grouping().kind() == Grouping.Kind.DEVICE ? "" : ", or group=device"));
        }
        Cells cells = new Cells(query, windows);
        groups.put(key, cells);
        return cells;
    }

    /** Gives out what was accumulated, and forgets it. */
    void emit() throws IOException {
        for (Map.Entry<Key, Cells> entry : groups.entrySet()) {
            run.check();
            if (!entry.getValue().isEmpty()) {
                Key key = entry.getKey();
                sink.beginSeries(key.group(), key.channel(), key.unit());
                entry.getValue().emit(sink);
                sink.endSeries();
            }
        }
        groups.clear();
    }
}
