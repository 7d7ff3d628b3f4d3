package io.tributary.collector.http;

import io.tributary.collector.query.ReadingRow;
import io.tributary.http.JsonWriter;
import io.tributary.http.TextOutput;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code {"rows":[["d1","2026-01-31T12:00:00Z",20.5,62],...],"columns":["device","event_time","temperature","humidity"]}}:
 * one row for all readings of a device at an event time, as long as they come behind each other. Channels become columns
 * in the order in which they come, so that nothing has to be known before the first row; where a row ends early, the rest
 * is null.
 */
final class TableOutput implements ReadingsOutput {
    private final TextOutput out;
    private final List<Channel> columns = new ArrayList<>();
    private String device = "";
    private long timeNs;
    private boolean open;
    private boolean first = true;

    /** Cells of the open row. */
    private long[] bits = new long[16];

    private @Nullable String[] texts = new String[16];
    private @Nullable ValueType[] types = new ValueType[16];
    private int width;
    private int expected;

    TableOutput(TextOutput out) throws IOException {
        this.out = out;
        out.ascii("{\"rows\":[");
    }

    @Override
    public void row(ReadingRow row) throws IOException {
        boolean same = open && row.eventTimeNs() == timeNs && row.device().equals(device);
        int column = columnOf(row.channel());
        if (!same || types[column] != null) {
            endRow();
            begin(row);
        }
        ValueType type = row.channel().type();
        types[column] = type;
        if (type == ValueType.STRING) {
            texts[column] = row.stringValue();
        } else {
            bits[column] = row.longValue();
        }
        width = Math.max(width, column + 1);
        expected = column + 1;
    }

    private int columnOf(Channel channel) {
        // Channels come in the same order row for row.
        if (expected < columns.size() && isNamed(columns.get(expected), channel)) {
            return expected;
        }
        for (int i = 0; i < columns.size(); i++) {
            if (isNamed(columns.get(i), channel)) {
                return i;
            }
        }
        columns.add(channel);
        if (columns.size() > bits.length) {
            bits = Arrays.copyOf(bits, bits.length * 2);
            texts = Arrays.copyOf(texts, texts.length * 2);
            types = Arrays.copyOf(types, types.length * 2);
        }
        return columns.size() - 1;
    }

    private static boolean isNamed(Channel column, Channel channel) {
        return column == channel || column.name().equals(channel.name());
    }

    private void begin(ReadingRow row) {
        device = row.device();
        timeNs = row.eventTimeNs();
        open = true;
    }

    private void endRow() throws IOException {
        if (!open) {
            return;
        }
        out.ascii(first ? "\n[" : ",\n[");
        first = false;
        new JsonWriter(out).value(device);
        out.ascii(",\"");
        out.time(timeNs);
        out.ascii('"');
        for (int i = 0; i < width; i++) {
            out.ascii(',');
            cell(i);
            types[i] = null;
            texts[i] = null;
        }
        out.ascii(']');
        width = 0;
        open = false;
    }

    private void cell(int column) throws IOException {
        ValueType type = types[column];
        if (type == null) {
            out.ascii("null");
            return;
        }
        switch (type) {
            case DOUBLE -> number(Double.longBitsToDouble(bits[column]));
            case LONG -> out.number(bits[column]);
            case BOOL -> out.ascii(bits[column] != 0 ? "true" : "false");
            case STRING -> new JsonWriter(out).value(texts[column]);
        }
    }

    private void number(double value) throws IOException {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            new JsonWriter(out).value(value);
        } else {
            out.number(value);
        }
    }

    @Override
    public void end(@Nullable String next) throws IOException {
        endRow();
        out.ascii("],\n\"columns\":");
        JsonWriter json = new JsonWriter(out);
        json.beginArray().value("device").value("event_time");
        for (Channel column : columns) {
            json.value(column.name());
        }
        json.endArray();
        if (next != null) {
            json.name("next").value(next);
        }
        json.endObject().newline().flush();
    }

    @Override
    public long bytes() {
        return out.bytes();
    }
}
