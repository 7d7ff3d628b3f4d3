package io.tributary.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Growing rows of one table. Dense tables have a fixed set of channels, present in every row; a sparse one takes rows of
 * any channels and grows by them.
 */
final class TableBuilder {
    private final boolean sparse;
    private int[] channels;
    private ColumnBuilder[] columns;
    private int rows;
    private long readings;
    private int[] rowDevice = {};
    private long[] eventTimes = {};
    private long[] edgeTimes = {};
    private boolean grouped = true;
    /** Tables after this one that may hold the same (device, channel, event time). */
    private final List<TableBuilder> laterOverlaps = new ArrayList<>(0);
    /** By device index, first and last event time; only kept when an earlier table overlaps this one. */
    private long @Nullable [] firstTime;

    private long @Nullable [] lastTime;

    TableBuilder(int[] channels, ColumnBuilder[] columns, boolean sparse) {
        this.channels = channels;
        this.columns = columns;
        this.sparse = sparse;
    }

    boolean isSparse() {
        return sparse;
    }

    int rows() {
        return rows;
    }

    long readings() {
        return readings;
    }

    int[] channels() {
        return channels;
    }

    boolean mayConflict() {
        return !laterOverlaps.isEmpty();
    }

    void overlappedBy(TableBuilder later) {
        laterOverlaps.add(later);
        if (later.firstTime == null) {
            later.firstTime = new long[0];
            later.lastTime = new long[0];
        }
    }

    /** Whether a row here might get a lower sequence than an earlier added one of the same device and event time. */
    boolean conflicts(int device, long eventTime) {
        for (TableBuilder later : laterOverlaps) {
            if (later.covers(device, eventTime)) {
                return true;
            }
        }
        return false;
    }

    private boolean covers(int device, long eventTime) {
        long[] first = firstTime;
        long[] last = lastTime;
        return first != null
                && last != null
                && device < first.length
                && eventTime >= first[device]
                && eventTime <= last[device];
    }

    /** Column of a channel in a sparse table, added when it is not there yet. */
    ColumnBuilder columnFor(int channel, ValueType type) {
        for (int i = 0; i < channels.length; i++) {
            if (channels[i] == channel) {
                return columns[i];
            }
        }
        channels = Arrays.copyOf(channels, channels.length + 1);
        columns = Arrays.copyOf(columns, columns.length + 1);
        channels[channels.length - 1] = channel;
        columns[columns.length - 1] = new ColumnBuilder(type);
        return columns[columns.length - 1];
    }

    ColumnBuilder column(int position) {
        return columns[position];
    }

    /** Takes over times of a run of rows, with readings in every column; their values are added by the caller. */
    void addRows(int device, Table source, int from, int count, long arrivalNs) {
        grow(count);
        grouped &= rows == 0 || rowDevice[rows - 1] <= device;
        Arrays.fill(rowDevice, rows, rows + count, device);
        for (int i = 0; i < count; i++) {
            long event = source.eventTimes()[from + i];
            long edge = source.edgeTimes()[from + i];
            eventTimes[rows + i] = event == Table.STAMP_ON_ARRIVAL ? arrivalNs : event;
            edgeTimes[rows + i] = edge == 0 ? arrivalNs : edge;
            if (firstTime != null) {
                track(device, eventTimes[rows + i]);
            }
        }
        rows += count;
        readings += (long) count * columns.length;
    }

    void addRow(int device, long eventTime, long edgeTime, long readingCount) {
        grow(1);
        eventTimes[rows] = eventTime;
        edgeTimes[rows] = edgeTime;
        rowDevice[rows] = device;
        grouped &= rows == 0 || rowDevice[rows - 1] <= device;
        rows++;
        readings += readingCount;
        if (firstTime != null) {
            track(device, eventTime);
        }
    }

    /** @param byTime whether rows of a device are put in the order of their event times */
    Table build(boolean byTime) {
        int[] order = grouped ? null : stableByDevice();
        order = byTime ? byTime(order) : order;
        int[] devices = order == null ? rowDevice : gather(rowDevice, order);
        int runs = 0;
        for (int row = 0; row < rows; row++) {
            if (row == 0 || devices[row] != devices[row - 1]) {
                runs++;
            }
        }
        int[] runDevice = new int[runs];
        int[] runLength = new int[runs];
        int run = -1;
        for (int row = 0; row < rows; row++) {
            if (row == 0 || devices[row] != devices[row - 1]) {
                runDevice[++run] = devices[row];
            }
            runLength[run]++;
        }
        Column[] built = new Column[columns.length];
        for (int i = 0; i < built.length; i++) {
            built[i] = columns[i].build(rows, order);
        }
        long[] events = order == null ? eventTimes : BatchRows.gather(eventTimes, order);
        long[] edges = order == null ? edgeTimes : BatchRows.gather(edgeTimes, order);
        return new Table(rows, runDevice, runLength, events, edges, channels, built);
    }

    /** The rows of each device by event time. A device with rows that nobody has stamped yet stays as it is. */
    private int @Nullable [] byTime(int @Nullable [] grouped) {
        int[] devices = grouped == null ? rowDevice : gather(rowDevice, grouped);
        long[] times = grouped == null ? eventTimes : BatchRows.gather(eventTimes, grouped);
        int[] order = null;
        for (int from = 0; from < rows; ) {
            boolean stamped = true;
            int to = from;
            for (; to < rows && devices[to] == devices[from]; to++) {
                stamped &= times[to] != Table.STAMP_ON_ARRIVAL;
            }
            int[] run = stamped ? EventOrder.of(times, from, to) : null;
            if (run != null) {
                order = order == null ? inOrder(rows) : order;
                System.arraycopy(run, 0, order, from, run.length);
            }
            from = to;
        }
        if (order == null) {
            return grouped;
        }
        return grouped == null ? order : gather(grouped, order);
    }

    private static int[] inOrder(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        return order;
    }

    /** Counting sort: device indexes are dense. */
    private int[] stableByDevice() {
        int max = 0;
        for (int row = 0; row < rows; row++) {
            max = Math.max(max, rowDevice[row]);
        }
        int[] next = new int[max + 2];
        for (int row = 0; row < rows; row++) {
            next[rowDevice[row] + 1]++;
        }
        for (int i = 1; i < next.length; i++) {
            next[i] += next[i - 1];
        }
        int[] order = new int[rows];
        for (int row = 0; row < rows; row++) {
            order[next[rowDevice[row]]++] = row;
        }
        return order;
    }

    private static int[] gather(int[] values, int[] order) {
        int[] result = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            result[i] = values[order[i]];
        }
        return result;
    }

    private void track(int device, long eventTime) {
        long[] first = java.util.Objects.requireNonNull(firstTime);
        long[] last = java.util.Objects.requireNonNull(lastTime);
        if (device >= first.length) {
            int old = first.length;
            first = Arrays.copyOf(first, Math.max(8, device * 2));
            last = Arrays.copyOf(last, first.length);
            Arrays.fill(first, old, first.length, Long.MAX_VALUE);
            Arrays.fill(last, old, last.length, Long.MIN_VALUE);
            firstTime = first;
            lastTime = last;
        }
        first[device] = Math.min(first[device], eventTime);
        last[device] = Math.max(last[device], eventTime);
    }

    private void grow(int count) {
        int needed = Math.addExact(rows, count);
        if (needed > eventTimes.length) {
            int capacity = Math.max(8, needed + (needed >> 1));
            eventTimes = Arrays.copyOf(eventTimes, capacity);
            edgeTimes = Arrays.copyOf(edgeTimes, capacity);
            rowDevice = Arrays.copyOf(rowDevice, capacity);
        }
    }
}
