package io.tributary.collector.storage;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.LongCodec;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A whole table of one device, kept as it was delivered: columns encoded, at a fifth of the memory that they take decoded,
 * with the statistics that were found when the delivery was checked. A flush copies them. Immutable.
 */
final class EncodedRun implements HeadRows {
    /** First value and step, or a long column. */
    private static final int STEPS = 0;

    private static final int COLUMN = 1;
    private static final int OBJECT_BYTES = 200;
    /** The column, where it lies, and its statistics. */
    private static final int COLUMN_BYTES = 150;
    /** Names and lengths in the body of a small delivery. */
    private static final int FRAMING_BYTES = 1024;

    private final HeadLayout layout;
    private final int rows;
    /** Never asked for values: what they decode they would keep. */
    private final Column[] columns;
    /** Event times, lags of the edge times behind them, sequences. */
    private final byte[] times;

    private final long firstEvent;
    private final long lastEvent;
    private final int append;
    private final int previous;

    private EncodedRun(HeadLayout layout, Table table, Column[] columns, long[] sequences, int append, int previous) {
        this.layout = layout;
        this.rows = table.rows();
        this.columns = columns;
        this.append = append;
        this.previous = previous;
        long[] lags = new long[rows];
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (int row = 0; row < rows; row++) {
            long event = table.eventTimes()[row];
            first = Math.min(first, event);
            last = Math.max(last, event);
            lags[row] = table.edgeTimes()[row] - event;
        }
        this.firstEvent = first;
        this.lastEvent = last;
        ByteSink out = new ByteSink(256);
        encode(table.eventTimes(), rows, out);
        encode(lags, rows, out);
        encode(sequences, rows, out);
        this.times = out.toByteArray();
    }

    /** Nearly always they ascend in equal steps, and a look at them is all that it takes. */
    private static void encode(long[] values, int rows, ByteSink out) {
        long step = rows > 1 ? values[1] - values[0] : 0;
        boolean even = true;
        for (int row = 1; row < rows && even; row++) {
            even = values[row] - values[row - 1] == step;
        }
        out.writeByte(even ? STEPS : COLUMN);
        if (even) {
            out.writeLong(values[0]);
            out.writeLong(step);
        } else {
            LongCodec.encode(values, 0, rows, out);
        }
    }

    private long[] decode(ByteSource in) throws CorruptColumnException {
        long[] values = new long[rows];
        if (in.readByte() == COLUMN) {
            LongCodec.decode(in, rows, values);
            return values;
        }
        long value = in.readLong();
        long step = in.readLong();
        for (int row = 0; row < rows; row++) {
            values[row] = value;
            value += step;
        }
        return values;
    }

    /**
     * Null when the table is not dense, was not decoded from bytes, or is so small a part of them that keeping them would
     * cost more than it saves.
     *
     * @param layout of the table, in the order of its columns
     */
    static @Nullable EncodedRun of(HeadLayout layout, Table table, long[] sequences, int append, int previous) {
        Column[] columns = new Column[table.columns().length];
        long used = 0;
        byte[] array = {};
        for (int i = 0; i < columns.length; i++) {
            Column.Encoded encoded = table.columns()[i].encoded();
            if (encoded == null || table.columns()[i].presence() != null) {
                return null;
            }
            columns[i] = table.columns()[i].keptEncoded();
            array = encoded.array();
            used += encoded.length();
        }
        return table.rows() > ROWS_MAX || array.length > 2 * used + FRAMING_BYTES
                ? null
                : new EncodedRun(layout, table, columns, sequences, append, previous);
    }

    /** What it costs. */
    long bytes() {
        long bytes = OBJECT_BYTES + times.length;
        byte[] array = {};
        for (Column column : columns) {
            byte[] codes = column.quality();
            bytes += COLUMN_BYTES + (codes == null ? 0 : codes.length);
            Column.Encoded encoded = column.encoded();
            array = encoded == null ? array : encoded.array();
        }
        return bytes + array.length;
    }

    /** Of its values, without times. */
    int encodedBytes() {
        int bytes = 0;
        for (Column column : columns) {
            Column.Encoded encoded = column.encoded();
            bytes += encoded == null ? 0 : encoded.length();
        }
        return bytes;
    }

    int rows() {
        return rows;
    }

    @Override
    public HeadLayout layout() {
        return layout;
    }

    @Override
    public int spanStart(int row) {
        return 0;
    }

    @Override
    public int previous(int row) {
        return previous;
    }

    @Override
    public int append(int row) {
        return append;
    }

    @Override
    public long firstEvent(int from, int to) {
        return firstEvent;
    }

    @Override
    public long lastEvent(int from, int to) {
        return lastEvent;
    }

    @Override
    public HeadSegment open() {
        try {
            ByteSource in = new ByteSource(times);
            long[] events = decode(in);
            long[] edges = decode(in);
            for (int row = 0; row < rows; row++) {
                edges[row] += events[row];
            }
            long[] sequences = decode(in);
            return new HeadSegment(this, events, edges, sequences);
        } catch (CorruptColumnException e) {
            throw new IllegalStateException("BUG: times of a head cannot be read", e);
        }
    }

    /** A column of its own for the caller, to be decoded when it asks for values. */
    Column column(int index) {
        return Objects.requireNonNull(columns[index].keptEncoded());
    }
}
