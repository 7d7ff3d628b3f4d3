package io.tributary.agent.process;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;

/** Goes through the readings of a batch in their order: table, row, column. One thread. */
public final class ReadingCursor {
    private final Batch batch;
    private int tableIndex = -1;
    private Table table = EMPTY;
    private int row = -1;
    private int run;
    private int runEnd;
    private int position;
    private int[] next = {};
    private boolean rowStarts;

    private static final Table EMPTY =
            new Table(0, new int[0], new int[0], new long[0], new long[0], new int[0], new Column[0]);

    public ReadingCursor(Batch batch) {
        this.batch = batch;
    }

    /** Goes to the next reading; false behind the last. */
    public boolean next() {
        rowStarts = false;
        position++;
        while (true) {
            while (row >= 0 && row < table.rows() && position < table.columns().length) {
                if (table.columns()[position].isPresent(row)) {
                    next[position]++;
                    return true;
                }
                position++;
            }
            if (!nextRow()) {
                return false;
            }
        }
    }

    private boolean nextRow() {
        position = 0;
        rowStarts = true;
        row++;
        while (row >= table.rows()) {
            if (++tableIndex >= batch.tables().size()) {
                return false;
            }
            table = batch.tables().get(tableIndex);
            next = new int[table.columns().length];
            java.util.Arrays.fill(next, -1);
            row = 0;
            run = 0;
            runEnd = table.rows() == 0 ? 0 : table.runLength()[0];
        }
        if (row >= runEnd) {
            run++;
            runEnd += table.runLength()[run];
        }
        return true;
    }

    /** Whether this is the first reading of its row. */
    public boolean startsRow() {
        return rowStarts;
    }

    public int deviceIndex() {
        return table.runDevice()[run];
    }

    public Device device() {
        return batch.devices().get(deviceIndex());
    }

    public int channelIndex() {
        return table.channels()[position];
    }

    public Channel channel() {
        return batch.channels().get(channelIndex());
    }

    public long eventNs() {
        return table.eventTimes()[row];
    }

    public long edgeNs() {
        return table.edgeTimes()[row];
    }

    public int quality() {
        return table.columns()[position].qualityAt(next[position]);
    }

    /** Raw bits of a double, a long, 0 and 1 of a bool; 0 of a text. */
    public long bits() {
        Column column = table.columns()[position];
        return switch (column.type()) {
            case DOUBLE -> Double.doubleToRawLongBits(column.doubles()[next[position]]);
            case LONG, BOOL -> column.longs()[next[position]];
            case STRING -> 0;
        };
    }

    /** Empty when it is no text. */
    public String text() {
        Column column = table.columns()[position];
        return column.type() == ValueType.STRING ? column.strings()[next[position]] : "";
    }

    /** The column with a quality where it was good. */
    public static Column withQuality(Column column, int quality) {
        byte[] codes = new byte[column.size()];
        for (int i = 0; i < codes.length; i++) {
            int code = column.qualityAt(i);
            codes[i] = (byte) (code == Quality.GOOD ? quality : code);
        }
        return withQualities(column, codes);
    }

    /** The column with other codes, one per present value. */
    public static Column withQualities(Column column, byte[] codes) {
        return switch (column.type()) {
            case DOUBLE -> Column.ofDoubles(column.doubles(), column.size(), column.presence(), codes);
            case LONG -> Column.ofLongs(column.longs(), column.size(), column.presence(), codes);
            case BOOL -> Column.ofBools(column.longs(), column.size(), column.presence(), codes);
            case STRING -> Column.ofStrings(column.strings(), column.size(), column.presence(), codes);
        };
    }

    /** Sets a value in the builder's open row. */
    public static void set(BatchBuilder builder, Channel channel, long bits, String text, int quality) {
        switch (channel.type()) {
            case DOUBLE -> builder.set(channel, Double.longBitsToDouble(bits), quality);
            case LONG -> builder.set(channel, bits, quality);
            case BOOL -> builder.set(channel, bits != 0, quality);
            case STRING -> builder.set(channel, text, quality);
        }
    }
}
