package io.tributary.collector.query;

import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.SeriesSlice;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers a {@link ReadQuery} with few readings of each series, for plots, series by series. A device's readings are
 * held while they are thinned, which the limit of kept values bounds. Texts and NaN, which no line goes through, are
 * left out.
 */
final class PlotReader {
    private final ReadingReader reader;
    private final ReadQuery query;
    private final int points;
    private final QueryRun run;
    private final RowSink sink;
    private final ReadingRow row = new ReadingRow();

    PlotReader(ReadingReader reader, ReadQuery query, int points, QueryRun run, RowSink sink) {
        this.reader = reader;
        this.query = query;
        this.points = points;
        this.run = run;
        this.sink = sink;
        if (points < 2) {
            throw QueryException.invalid("points is " + points + ", expected at least 2");
        }
        boolean plain = query.axis() == Axis.EVENT
                && query.ascending()
                && query.limit() == ReadQuery.NO_LIMIT
                && query.after() == null;
        if (!plain) {
            throw QueryException.invalid(
                    "downsampling goes along event time, expected axis=event and order=asc with it, and no limit or next");
        }
    }

    /** @return false when the sink wants no more */
    boolean readDevice(String device, @Nullable Set<String> channels) throws IOException {
        Map<Channel, List<SeriesSlice>> series = new TreeMap<>(
                Comparator.comparing(Channel::name).thenComparing(Channel::type).thenComparing(Channel::unit));
        long held = 0;
        Set<String> toRead = query.filter().toRead(channels);
        TimeRange range = query.range();
        try (BlockCursor cursor = reader.read(device, toRead, range.fromNs(), range.toNs(), true)) {
            for (DeviceBlock next = cursor.next(); next != null; next = cursor.next()) {
                run.check();
                DeviceBlock block = FilteredBlock.of(next, query.filter(), channels, run);
                for (int i = 0; i < block.channels().size(); i++) {
                    Channel channel = block.channels().get(i);
                    if (channel.type() != ValueType.STRING) {
                        SeriesSlice slice = block.slice(i);
                        run.scanned(slice.size());
                        run.keep(slice.size());
                        held += slice.size();
                        series.computeIfAbsent(channel, unused -> new ArrayList<>())
                                .add(slice);
                    }
                }
            }
        }
        for (List<SeriesSlice> slices : series.values()) {
            run.check();
            if (!emit(device, slices)) {
                return false;
            }
        }
        run.keep(-held);
        return true;
    }

    private boolean emit(String device, List<SeriesSlice> slices) throws IOException {
        int size = 0;
        for (SeriesSlice slice : slices) {
            size += slice.size();
        }
        long[] times = new long[size];
        double[] values = new double[size];
        int[] places = new int[size];
        int count = 0;
        int at = 0;
        for (SeriesSlice slice : slices) {
            for (int i = 0; i < slice.size(); i++) {
                double value = number(slice, i);
                if (!Double.isNaN(value)) {
                    times[count] = slice.eventTimes()[i];
                    values[count] = value;
                    places[count++] = at + i;
                }
            }
            at += slice.size();
        }
        int index = 0;
        int first = 0;
        for (int picked : Lttb.pick(times, values, count, points)) {
            while (places[picked] >= first + slices.get(index).size()) {
                first += slices.get(index++).size();
            }
            row.set(device, slices.get(index), places[picked] - first);
            if (!sink.row(row)) {
                return false;
            }
        }
        return true;
    }

    private static double number(SeriesSlice slice, int row) {
        return slice.values().type() == ValueType.DOUBLE
                ? slice.values().doubles()[row]
                : slice.values().longs()[row];
    }
}
