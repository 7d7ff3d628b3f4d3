package io.tributary.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a columnar batch from rows. Rows with the same set of channels share a table; within a table, rows are grouped
 * by device and keep the order in which they were added, or that of their event times. Not thread-safe.
 *
 * <p>Guarantee: of two rows of one device with a channel and an event time in common, the one added later gets the later
 * sequence. Since sequences run table by table, a row that would break it goes to a table at the end that takes rows of
 * any channels (with presence bitmaps) instead of that of its channel set.
 */
public final class BatchBuilder {
    /** Above this, a new channel set shares a sparse table: a table costs some 50 bytes, a bitmap a bit per row. */
    private static final int DENSE_TABLES_MAX = 256;
    /** Keeps cells (rows x columns) of a sparse table below 64 per reading, which decoders bound. */
    static final int SPARSE_CHANNELS_MAX = 64;

    private final BatchDictionary dictionary = new BatchDictionary();
    private final List<TableBuilder> tables = new ArrayList<>();
    private final Map<ChannelSet, Layout> layouts = new HashMap<>();
    private @Nullable Layout lastLayout;

    private boolean rowOpen;
    private int rowDevice;
    private long rowEventTime;
    private long rowEdgeTime;
    private int rowSize;
    private int[] rowChannel = new int[16];
    private long[] rowBits = new long[16];
    private @Nullable String[] rowText = new String[16];
    private int[] rowQuality = new int[16];

    /** Opens a row without edge time: the intake stamps it. */
    public BatchBuilder row(Device device, long eventTimeNs) {
        return row(device, eventTimeNs, 0);
    }

    /**
     * Opens a row; it ends with the next one, or with {@link #build()}. A row without any value leaves no trace.
     *
     * @param eventTimeNs ns since the epoch, or {@link Table#STAMP_ON_ARRIVAL}
     * @param edgeTimeNs ns since the epoch; 0 when not stamped yet
     */
    public BatchBuilder row(Device device, long eventTimeNs, long edgeTimeNs) {
        closeRow();
        rowOpen = true;
        rowDevice = dictionary.indexOf(device);
        rowEventTime = eventTimeNs;
        rowEdgeTime = edgeTimeNs;
        return this;
    }

    public BatchBuilder set(String channel, double value) {
        return stage(
                dictionary.indexOf(channel, ValueType.DOUBLE), Double.doubleToRawLongBits(value), null, Quality.GOOD);
    }

    public BatchBuilder set(String channel, long value) {
        return stage(dictionary.indexOf(channel, ValueType.LONG), value, null, Quality.GOOD);
    }

    public BatchBuilder set(String channel, boolean value) {
        return stage(dictionary.indexOf(channel, ValueType.BOOL), value ? 1 : 0, null, Quality.GOOD);
    }

    public BatchBuilder set(String channel, String value) {
        return stage(dictionary.indexOf(channel, ValueType.STRING), 0, value, Quality.GOOD);
    }

    public BatchBuilder set(Channel channel, double value, int quality) {
        return stage(dictionary.indexOf(channel, ValueType.DOUBLE), Double.doubleToRawLongBits(value), null, quality);
    }

    public BatchBuilder set(Channel channel, long value, int quality) {
        return stage(dictionary.indexOf(channel, ValueType.LONG), value, null, quality);
    }

    public BatchBuilder set(Channel channel, boolean value, int quality) {
        return stage(dictionary.indexOf(channel, ValueType.BOOL), value ? 1 : 0, null, quality);
    }

    public BatchBuilder set(Channel channel, String value, int quality) {
        return stage(dictionary.indexOf(channel, ValueType.STRING), 0, value, quality);
    }

    /** Adds all rows of a batch in sequence order, stamping event and edge times that wait for it with the arrival. */
    public void append(Batch batch, long arrivalNs) {
        closeRow();
        int[] deviceMap = new int[batch.devices().size()];
        Arrays.fill(deviceMap, -1);
        int[] channelMap = new int[batch.channels().size()];
        Arrays.fill(channelMap, -1);
        for (Table table : batch.tables()) {
            for (int channel : table.channels()) {
                if (channelMap[channel] < 0) {
                    channelMap[channel] = dictionary.indexOf(batch.channels().get(channel));
                }
            }
            for (int device : table.runDevice()) {
                if (deviceMap[device] < 0) {
                    deviceMap[device] = dictionary.indexOf(batch.devices().get(device));
                }
            }
            if (!appendWhole(table, deviceMap, channelMap, arrivalNs)) {
                appendRows(table, deviceMap, channelMap, arrivalNs);
            }
        }
    }

    /** Present values so far, the open row included. */
    public long readingCount() {
        long count = rowSize;
        for (TableBuilder table : tables) {
            count += table.readings();
        }
        return count;
    }

    /** Rows so far, the open one included when it has a value. */
    public int rowCount() {
        int count = rowSize > 0 ? 1 : 0;
        for (TableBuilder table : tables) {
            count += table.rows();
        }
        return count;
    }

    /** The batch; the builder is empty again. */
    public Batch build() {
        return build(false);
    }

    /**
     * As {@link #build()}, with the rows of each device of a table ascending in event time; rows of one event time keep
     * their order. A few late rows in between would cost all columns: each of them breaks every pattern twice.
     */
    public Batch buildByTime() {
        return build(true);
    }

    private Batch build(boolean byTime) {
        closeRow();
        List<Table> built = new ArrayList<>(tables.size());
        for (TableBuilder table : tables) {
            if (table.rows() > 0) {
                built.add(table.build(byTime));
            }
        }
        Batch batch = new Batch(dictionary.devices(), dictionary.channels(), built);
        dictionary.clear();
        tables.clear();
        layouts.clear();
        lastLayout = null;
        rowOpen = false;
        return batch;
    }

    private BatchBuilder stage(int channel, long bits, @Nullable String text, int quality) {
        if (!rowOpen) {
            throw new IllegalStateException("BUG: set before row");
        }
        if (quality < 0 || quality > Quality.MAX) {
            throw new IllegalArgumentException("quality " + quality + ", expected 0 to " + Quality.MAX);
        }
        for (int i = 0; i < rowSize; i++) {
            if (rowChannel[i] == channel) { // two readings with one event time: both are kept and counted
                closeRow();
                rowOpen = true;
                break;
            }
        }
        if (rowSize == rowChannel.length) {
            rowChannel = Arrays.copyOf(rowChannel, rowSize * 2);
            rowBits = Arrays.copyOf(rowBits, rowSize * 2);
            rowText = Arrays.copyOf(rowText, rowSize * 2);
            rowQuality = Arrays.copyOf(rowQuality, rowSize * 2);
        }
        rowChannel[rowSize] = channel;
        rowBits[rowSize] = bits;
        rowText[rowSize] = text;
        rowQuality[rowSize] = quality;
        rowSize++;
        return this;
    }

    private void closeRow() {
        rowOpen = false;
        if (rowSize == 0) {
            return;
        }
        Layout layout = layoutOf(rowChannel, rowSize);
        if (layout == null || layout.table().conflicts(rowDevice, rowEventTime)) {
            closeSparse();
        } else {
            TableBuilder table = layout.table();
            for (int i = 0; i < rowSize; i++) {
                table.column(layout.position()[i]).add(rowBits[i], rowText[i], rowQuality[i]);
            }
            table.addRow(rowDevice, rowEventTime, rowEdgeTime, rowSize);
        }
        Arrays.fill(rowText, 0, rowSize, null);
        rowSize = 0;
    }

    /** A table at the end for the staged row: the last one if it is sparse and has room, else a new one. */
    private void closeSparse() {
        TableBuilder last = tables.isEmpty() ? null : tables.get(tables.size() - 1);
        boolean fits = last != null && last.isSparse() && last.channels().length + rowSize <= SPARSE_CHANNELS_MAX;
        TableBuilder table = fits && last != null ? last : newTable(new int[0], true);
        int row = table.rows();
        for (int i = 0; i < rowSize; i++) {
            ColumnBuilder column = table.columnFor(
                    rowChannel[i], dictionary.channel(rowChannel[i]).type());
            column.add(rowBits[i], rowText[i], rowQuality[i]);
            column.markPresent(row);
        }
        table.addRow(rowDevice, rowEventTime, rowEdgeTime, rowSize);
    }

    /** Where rows of these channels, in this order, go; null when a table of their own would be one too many. */
    private @Nullable Layout layoutOf(int[] rowChannels, int size) {
        Layout last = lastLayout;
        if (last != null && last.order().matches(rowChannels, size)) {
            return last;
        }
        ChannelSet order = new ChannelSet(Arrays.copyOf(rowChannels, size));
        Layout layout = layouts.get(order);
        if (layout == null) {
            int[] sorted = order.channels().clone();
            Arrays.sort(sorted);
            ChannelSet canonical = new ChannelSet(sorted);
            Layout first = layouts.get(canonical);
            if (first == null) {
                if (tables.size() >= DENSE_TABLES_MAX && size <= SPARSE_CHANNELS_MAX) {
                    return null;
                }
                first = new Layout(canonical, newTable(sorted, false), Layout.positions(sorted, sorted));
                layouts.put(canonical, first);
            }
            layout = new Layout(order, first.table(), Layout.positions(order.channels(), sorted));
            layouts.put(order, layout);
        }
        lastLayout = layout;
        return layout;
    }

    private TableBuilder newTable(int[] tableChannels, boolean sparse) {
        ColumnBuilder[] columns = new ColumnBuilder[tableChannels.length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new ColumnBuilder(dictionary.channel(tableChannels[i]).type());
        }
        TableBuilder table = new TableBuilder(tableChannels, columns, sparse);
        for (TableBuilder earlier : tables) {
            if (sparse || earlier.isSparse() || intersect(earlier.channels(), tableChannels)) {
                earlier.overlappedBy(table);
            }
        }
        tables.add(table);
        return table;
    }

    /** Both sorted. */
    private static boolean intersect(int[] a, int[] b) {
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            if (a[i] == b[j]) {
                return true;
            }
            if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return false;
    }

    /** Copies run by run; false when rows have to be looked at one by one. */
    private boolean appendWhole(Table table, int[] deviceMap, int[] channelMap, long arrivalNs) {
        int width = table.channels().length;
        int[] mapped = new int[width];
        for (int i = 0; i < width; i++) {
            if (table.columns()[i].presence() != null) {
                return false;
            }
            mapped[i] = channelMap[table.channels()[i]];
        }
        Layout layout = width == 0 || ChannelSet.hasRepeats(mapped) ? null : layoutOf(mapped, width);
        if (layout == null || layout.table().mayConflict()) {
            return false;
        }
        TableBuilder target = layout.table();
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            int length = table.runLength()[run];
            int device = deviceMap[table.runDevice()[run]];
            target.addRows(device, table, row, length, arrivalNs);
            row += length;
        }
        for (int i = 0; i < width; i++) {
            target.column(layout.position()[i]).addAll(table.columns()[i], 0, table.rows());
        }
        return true;
    }

    private void appendRows(Table table, int[] deviceMap, int[] channelMap, long arrivalNs) {
        int[] next = new int[table.columns().length];
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            for (int end = row + table.runLength()[run]; row < end; row++) {
                long event = table.eventTimes()[row];
                long edge = table.edgeTimes()[row];
                closeRow();
                rowOpen = true;
                rowDevice = deviceMap[table.runDevice()[run]];
                rowEventTime = event == Table.STAMP_ON_ARRIVAL ? arrivalNs : event;
                rowEdgeTime = edge == 0 ? arrivalNs : edge;
                for (int i = 0; i < next.length; i++) {
                    if (table.columns()[i].isPresent(row)) {
                        stageFrom(table.columns()[i], next[i]++, channelMap[table.channels()[i]]);
                    }
                }
            }
        }
        closeRow();
    }

    private void stageFrom(Column column, int index, int channel) {
        int quality = column.qualityAt(index);
        switch (column.type()) {
            case DOUBLE -> stage(channel, Double.doubleToRawLongBits(column.doubles()[index]), null, quality);
            case LONG, BOOL -> stage(channel, column.longs()[index], null, quality);
            case STRING -> stage(channel, 0, column.strings()[index], quality);
        }
    }
}
