package io.tributary.collector.query;

import io.tributary.collector.catalog.DeviceName;
import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.SeriesSlice;
import io.tributary.collector.storage.StatsRows;
import io.tributary.model.Channel;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers one {@link AggregateQuery}. Grouped by device, a device's series are given out as soon as it has been read;
 * otherwise all groups are kept to the end, which the limit of cells bounds.
 */
final class WindowReader {
    private final ReadingReader reader;
    private final ChannelNames names;
    private final AggregateQuery query;
    private final Windows windows;
    private final QueryRun run;
    private final WindowSink sink;
    private final TreeMap<Key, Cells> groups = new TreeMap<>();
    private final @Nullable Key afterKey;
    private final boolean takesStats;
    /** Null when statistics of whole blocks do not do. */
    private final @Nullable TotalsReader totals;

    private @Nullable Key lastKey;
    private @Nullable Cells lastCells;
    private long left;
    private @Nullable WindowPosition last;
    private boolean more;

    /** Series that are aggregated together. */
    private record Key(@Nullable String group, String channel, String unit) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.<Key, String>comparing(
                        key -> key.group, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparing(Key::channel)
                .thenComparing(Key::unit);

        boolean isOf(@Nullable String otherGroup, Channel other) {
            return Objects.equals(group, otherGroup) && channel.equals(other.name()) && unit.equals(other.unit());
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    WindowReader(ReadingReader reader, ChannelNames names, AggregateQuery query, QueryRun run, WindowSink sink) {
        this.reader = reader;
        this.names = names;
        this.query = query;
        this.run = run;
        this.sink = sink;
        this.left = query.limit();
        this.takesStats = takesStats(query, run);
        WindowPosition after = query.after();
        this.afterKey = after == null ? null : new Key(after.group(), after.channel(), after.unit());
        this.windows = query.everyNs() == 0
                ? Windows.whole(query.range())
                : Windows.of(
                        query.range(),
                        query.everyNs(),
                        query.zone(),
                        run.limits().windowsMax());
        this.totals = takesStats && query.filter().isNone() && !reader.hasRollups(windows::consistOf)
                ? new TotalsReader(reader.summaries(), query.range(), windows)
                : null;
    }

    private static boolean takesStats(AggregateQuery query, QueryRun run) {
        Cells probe = new Cells(query, Windows.whole(query.range()), run);
        boolean takes = probe.takesStats();
        probe.discard();
        return takes;
    }

    /** Where the next page begins; null when there is none. */
    @Nullable
    WindowPosition next() {
        return more ? last : null;
    }

    /** @return false when the limit is reached and there is more */
    boolean readDevice(DeviceName device, @Nullable Set<String> channels) throws IOException {
        String group = switch (query.grouping().kind()) {
            case DEVICE -> device.id();
            case TAG -> device.tags().get(query.grouping().tag());
            case NONE -> null;
        };
        if (totals == null || !readTotals(totals, device.id(), group, channels)) {
            readBlocks(device.id(), group, channels);
        }
        if (query.grouping().kind() == Grouping.Kind.DEVICE) {
            emit();
        }
        return !more;
    }

    private boolean readTotals(
            TotalsReader from, String device, @Nullable String group, @Nullable Set<String> channels) {
        return from.readDevice(device, channels, (channel, stats) -> {
            Cells cells = cells(group, channel);
            if (!cells.addStats(stats, channel.type())) {
                throw new IllegalStateException("BUG: statistics of " + channel + " do not fit a window");
            }
            cells.endSeries();
            run.answeredFromHeader();
        });
    }

    private void readBlocks(String device, @Nullable String group, @Nullable Set<String> channels) throws IOException {
        boolean byEvent = query.axis() == Axis.EVENT;
        long from = byEvent ? query.range().fromNs() : Long.MIN_VALUE;
        long to = byEvent ? query.range().toNs() : Long.MAX_VALUE;
        Set<String> toRead = query.filter().toRead(channels);
        Set<Cells> touched = new HashSet<>();
        if (query.functions().contains(AggregateFunction.TWA)) {
            prime(device, group, channels, touched);
        }
        try (BlockCursor cursor = open(device, toRead, from, to)) {
            for (DeviceBlock next = cursor.next(); next != null; next = cursor.next()) {
                run.check();
                DeviceBlock block = FilteredBlock.of(next, query.filter(), channels, run);
                for (int i = 0; i < block.channels().size(); i++) {
                    Cells cells = cells(group, block.channels().get(i));
                    touched.add(cells);
                    add(block, i, cells);
                }
            }
        }
        touched.forEach(Cells::endSeries);
    }

    /** Statistics that are kept per window will do, when nothing asks for the readings themselves. */
    private BlockCursor open(String device, @Nullable Set<String> toRead, long from, long to) {
        return takesStats && query.filter().isNone()
                ? reader.aggregate(device, toRead, from, to, windows::consistOf)
                : reader.read(device, toRead, from, to, true);
    }

    /** Looks for the last value of each channel before the range, no further back than a value holds. */
    private void prime(String device, @Nullable String group, @Nullable Set<String> channels, Set<Cells> touched)
            throws IOException {
        long to = query.range().fromNs();
        long from = query.holdNs() > to - (Long.MIN_VALUE / 2) ? Long.MIN_VALUE : to - query.holdNs();
        Set<String> missing = names.before(device, channels, to);
        Set<String> toRead = query.filter().toRead(missing);
        if (missing.isEmpty() || toRead == null || from >= to) {
            return;
        }
        try (BlockCursor cursor = reader.read(device, toRead, from, to, false)) {
            for (DeviceBlock next = cursor.next(); next != null && !missing.isEmpty(); next = cursor.next()) {
                run.check();
                DeviceBlock block = FilteredBlock.of(next, query.filter(), Set.copyOf(missing), run);
                for (int i = 0; i < block.channels().size(); i++) {
                    Channel channel = block.channels().get(i);
                    SeriesSlice slice = block.slice(i);
                    run.scanned(slice.size());
                    Cells cells = cells(group, channel);
                    if (cells.prime(slice)) {
                        touched.add(cells);
                        missing.remove(channel.name());
                    }
                }
            }
        }
    }

    private void add(DeviceBlock block, int channel, Cells cells) {
        StatsRows rows = block.statsRows(channel);
        if (rows != null) {
            cells.addRows(rows);
            run.answeredFromHeader();
            return;
        }
        if (cells.addStats(block.stats(channel), block.channels().get(channel).type())) {
            run.answeredFromHeader();
            return;
        }
        SeriesSlice slice = query.axis() == Axis.EVENT ? block.values(channel) : block.slice(channel);
        run.scanned(slice.size());
        run.decoded();
        cells.addSlice(slice);
    }

    private Cells cells(@Nullable String group, Channel channel) {
        if (lastKey != null && lastCells != null && lastKey.isOf(group, channel)) {
            return lastCells;
        }
        Key key = new Key(group, channel.name(), channel.unit());
        Cells known = groups.get(key);
        if (known != null) {
            lastKey = key;
            lastCells = known;
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
        Cells cells = new Cells(query, windows, run);
        groups.put(key, cells);
        lastKey = key;
        lastCells = cells;
        return cells;
    }

    /** Gives out what was accumulated, and forgets it. */
    void emit() throws IOException {
        for (Map.Entry<Key, Cells> entry : groups.entrySet()) {
            run.check();
            Key key = entry.getKey();
            Cells cells = entry.getValue();
            int order = afterKey == null || isBehindDevice(key) ? 1 : key.compareTo(afterKey);
            if (order < 0 || more || cells.isEmpty()) {
                cells.discard();
            } else {
                emit(key, cells, order == 0);
            }
        }
        groups.clear();
        lastKey = null;
        lastCells = null;
    }

    /** Devices come in an order of their own, from the one that the page before ended in. */
    private boolean isBehindDevice(Key key) {
        return query.grouping().kind() == Grouping.Kind.DEVICE
                && query.after() != null
                && !Objects.equals(key.group(), query.after().group());
    }

    private void emit(Key key, Cells cells, boolean isContinued) throws IOException {
        boolean[] begun = new boolean[1];
        cells.emit(
                (startNs, values) -> {
                    if (left == 0) {
                        more = true;
                        return false;
                    }
                    if (!begun[0]) {
                        sink.beginSeries(key.group(), key.channel(), key.unit());
                        begun[0] = true;
                    }
                    left = sink.window(startNs, values) ? left - 1 : 0;
                    last = new WindowPosition(key.group(), key.channel(), key.unit(), startNs);
                    return true;
                },
                isContinued && query.after() != null ? query.after().startNs() : null);
        if (begun[0]) {
            sink.endSeries();
        }
    }
}
