package io.tributary.model;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSink;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.StringCodec;
import io.tributary.column.Utf8;
import java.util.Map;

/** Writes the message {@code BatchBody} of batch.proto, columns straight from the batch's arrays. */
final class BodyEncoder {
    /** In all devices of a batch; a tag of four bytes costs a decoder some 150 bytes of memory. */
    static final int TAGS_MAX = 1 << 18;

    private final ByteSink out = new ByteSink(8192);
    private final ByteSink table = new ByteSink(8192);
    private final ByteSink column = new ByteSink(4096);
    private final ByteSink values = new ByteSink(4096);
    private long[] scratch = {};

    ByteSink encode(Batch batch) {
        int tags = 0;
        for (Device device : batch.devices()) {
            tags += device.tags().size();
            writeDevice(device);
        }
        if (tags > TAGS_MAX) {
            throw new IllegalArgumentException("batch with " + tags + " tags, expected at most " + TAGS_MAX);
        }
        for (Channel channel : batch.channels()) {
            column.clear();
            writeText(column, 1, channel.name());
            writeVarint(column, 2, code(channel.type()));
            if (!channel.unit().isEmpty()) {
                writeText(column, 3, channel.unit());
            }
            writeBytes(out, 2, column);
        }
        for (Table each : batch.tables()) {
            if (each.rows() > 0) {
                writeTable(each);
                writeBytes(out, 3, table);
            }
        }
        return out;
    }

    private void writeDevice(Device device) {
        column.clear();
        writeText(column, 1, device.id());
        for (Map.Entry<String, String> tag : device.tags().entrySet()) {
            values.clear();
            writeText(values, 1, tag.getKey());
            writeText(values, 2, tag.getValue());
            writeBytes(column, 2, values);
        }
        writeBytes(out, 1, column);
    }

    private void writeTable(Table source) {
        table.clear();
        int rows = source.rows();
        int runs = source.runDevice().length;
        writeVarint(table, 1, rows);
        writeVarint(table, 2, runs);
        writeLongs(3, widen(source.runDevice()), runs);
        writeLongs(4, source.eventTimes(), rows);
        long[] lags = scratch(rows);
        for (int row = 0; row < rows; row++) {
            lags[row] = source.edgeTimes()[row] - source.eventTimes()[row];
        }
        writeLongs(5, lags, rows);
        for (int i = 0; i < source.columns().length; i++) {
            if (source.columns()[i].size() > 0) {
                writeColumn(source.channels()[i], source.columns()[i], rows);
                writeBytes(table, 6, column);
            }
        }
        writeLongs(7, widen(source.runLength()), runs);
    }

    private void writeColumn(int channel, Column source, int rows) {
        column.clear();
        writeVarint(column, 1, channel);
        values.clear();
        int size = source.size();
        switch (source.type()) {
            case DOUBLE -> DoubleCodec.encode(source.doubles(), 0, size, values);
            case LONG -> LongCodec.encode(source.longs(), 0, size, values);
            case BOOL -> BoolCodec.encode(source.longs(), 0, size, values);
            case STRING -> StringCodec.encode(source.strings(), 0, size, values);
        }
        writeBytes(column, 2, values);
        long[] presence = source.presence();
        if (presence != null && size < rows) {
            values.clear();
            BoolCodec.encodeBitmap(presence, rows, values);
            writeBytes(column, 3, values);
        }
        long[] codes = scratch(size);
        int notGood = 0;
        for (int i = 0; i < size; i++) {
            codes[i] = source.qualityAt(i);
            notGood += codes[i] == Quality.GOOD ? 0 : 1;
        }
        if (notGood > 0) {
            values.clear();
            LongCodec.encode(codes, 0, size, values);
            writeBytes(column, 4, values);
        }
    }

    private void writeLongs(int field, long[] source, int size) {
        values.clear();
        LongCodec.encode(source, 0, size, values);
        writeBytes(table, field, values);
    }

    private long[] widen(int[] source) {
        long[] result = scratch(source.length);
        for (int i = 0; i < source.length; i++) {
            result[i] = source[i];
        }
        return result;
    }

    private long[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new long[size];
        }
        return scratch;
    }

    private static int code(ValueType type) {
        return switch (type) {
            case DOUBLE -> 1;
            case LONG -> 2;
            case BOOL -> 3;
            case STRING -> 4;
        };
    }

    static void writeVarint(ByteSink sink, int field, long value) {
        sink.writeVarint((long) field << 3);
        sink.writeVarint(value);
    }

    private static void writeText(ByteSink sink, int field, String text) {
        byte[] bytes = Utf8.encode(text);
        sink.writeVarint(((long) field << 3) | 2);
        sink.writeVarint(bytes.length);
        sink.writeBytes(bytes);
    }

    private static void writeBytes(ByteSink sink, int field, ByteSink bytes) {
        sink.writeVarint(((long) field << 3) | 2);
        sink.writeVarint(bytes.size());
        sink.writeBytes(bytes);
    }
}
