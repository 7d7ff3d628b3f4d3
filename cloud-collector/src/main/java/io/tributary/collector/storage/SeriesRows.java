package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Readings of one series. Arrays may be longer than {@code size} and are shared among the series of a row group.
 *
 * @param sequences of the row that each reading came in
 * @param values without presence
 */
record SeriesRows(
        Channel channel,
        int size,
        long[] eventTimes,
        long[] edgeTimes,
        long[] collectorTimes,
        long[] sequences,
        Origin[] origins,
        Column values) {

    static SeriesRows of(RowGroup group, int column) {
        Column values = group.columns()[column];
        Channel channel = group.channels()[column];
        if (values.presence() == null) {
            return new SeriesRows(
                    channel,
                    group.rows(),
                    group.eventTimes(),
                    group.edgeTimes(),
                    group.collectorTimes(),
                    group.sequences(),
                    group.origins(),
                    values);
        }
        int[] rows = new int[values.size()];
        int size = 0;
        for (int row = 0; row < group.rows(); row++) {
            if (values.isPresent(row)) {
                rows[size++] = row;
            }
        }
        return new SeriesRows(
                channel,
                size,
                gather(group.eventTimes(), rows, size),
                gather(group.edgeTimes(), rows, size),
                gather(group.collectorTimes(), rows, size),
                gather(group.sequences(), rows, size),
                gather(group.origins(), rows, size),
                Columns.withPresence(values, null));
    }

    /** The reading that arrived last names the unit. */
    static SeriesRows concat(List<SeriesRows> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        int size = 0;
        for (SeriesRows part : parts) {
            size = Math.addExact(size, part.size);
        }
        long[] events = new long[size];
        long[] edges = new long[size];
        long[] collectors = new long[size];
        long[] sequences = new long[size];
        Origin[] origins = new Origin[size];
        List<Column> columns = new ArrayList<>(parts.size());
        int at = 0;
        for (SeriesRows part : parts) {
            System.arraycopy(part.eventTimes, 0, events, at, part.size);
            System.arraycopy(part.edgeTimes, 0, edges, at, part.size);
            System.arraycopy(part.collectorTimes, 0, collectors, at, part.size);
            System.arraycopy(part.sequences, 0, sequences, at, part.size);
            System.arraycopy(part.origins, 0, origins, at, part.size);
            columns.add(part.values);
            at += part.size;
        }
        Channel channel = latestChannel(parts);
        return new SeriesRows(
                channel, size, events, edges, collectors, sequences, origins, Columns.concat(channel.type(), columns));
    }

    private static Channel latestChannel(List<SeriesRows> parts) {
        Channel latest = parts.get(0).channel;
        boolean same = true;
        for (SeriesRows part : parts) {
            same &= part.channel.equals(latest);
        }
        long time = Long.MIN_VALUE;
        for (int i = 0; !same && i < parts.size(); i++) {
            SeriesRows part = parts.get(i);
            for (int row = 0; row < part.size; row++) {
                if (part.collectorTimes[row] >= time) {
                    time = part.collectorTimes[row];
                    latest = part.channel;
                }
            }
        }
        return latest;
    }

    SeriesRows gather(int[] order, int count) {
        return new SeriesRows(
                channel,
                count,
                gather(eventTimes, order, count),
                gather(edgeTimes, order, count),
                gather(collectorTimes, order, count),
                gather(sequences, order, count),
                gather(origins, order, count),
                Columns.gather(values, order, count));
    }

    /** Only event times in {@code [fromNs, toNs)}; the series has to ascend. */
    SeriesRows between(long fromNs, long toNs) {
        int from = lowerBound(fromNs);
        int to = lowerBound(toNs);
        if (from == 0 && to == size) {
            return this;
        }
        int[] order = new int[to - from];
        for (int i = 0; i < order.length; i++) {
            order[i] = from + i;
        }
        return gather(order, order.length);
    }

    /** Only the readings at some event times, which ascend, as the series has to. */
    SeriesRows at(long[] times) {
        int[] picked = new int[Math.min(size, times.length)];
        int count = 0;
        int from = 0;
        for (int i = 0; i < times.length && from < size; i++) {
            int at = Arrays.binarySearch(eventTimes, from, size, times[i]);
            if (at >= 0) {
                picked[count++] = at;
            }
            from = at >= 0 ? at + 1 : -at - 1;
        }
        return gather(picked, count);
    }

    boolean ascends() {
        for (int i = 1; i < size; i++) {
            if (eventTimes[i] <= eventTimes[i - 1]) {
                return false;
            }
        }
        return true;
    }

    private int lowerBound(long eventTime) {
        int index = Arrays.binarySearch(eventTimes, 0, size, eventTime);
        return index >= 0 ? index : -index - 1;
    }

    static long[] gather(long[] values, int[] order, int size) {
        long[] result = new long[size];
        for (int i = 0; i < size; i++) {
            result[i] = values[order[i]];
        }
        return result;
    }

    static Origin[] gather(Origin[] values, int[] order, int size) {
        Origin[] result = new Origin[size];
        for (int i = 0; i < size; i++) {
            result[i] = values[order[i]];
        }
        return result;
    }
}
