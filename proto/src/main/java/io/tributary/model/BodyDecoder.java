package io.tributary.model;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.StringCodec;
import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens a decompressed body. Every allocation is paid from budgets that follow from the envelope's reading count, which
 * the caller has checked against its limits: rows, devices and channels may not outnumber readings.
 */
final class BodyDecoder {
    /** Presence bitmaps cost a bit per cell; encoders stay below 64 cells (8 bytes) per reading. */
    private static final int CELLS_PER_READING = BatchBuilder.SPARSE_CHANNELS_MAX;

    private final ByteSource body;
    private final int stringBytesMax;
    private final List<Device> devices = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final int readings;
    private int readingsLeft;
    private int rowsLeft;
    private long cellsLeft;
    private int tagsLeft = BodyEncoder.TAGS_MAX;
    /** Null where nothing is kept: otherwise columns of tables of one device stay encoded. */
    private final @Nullable KnownDevices known;

    private final KnownDevices.@Nullable Reading names;
    /** What is decoded only to check it. */
    private double[] doubles = {};

    private long[] longs = {};

    BodyDecoder(ByteSource body, int readings, int stringBytesMax, @Nullable KnownDevices known) {
        this.known = known;
        this.names = known == null ? null : known.read();
        this.body = body;
        this.stringBytesMax = stringBytesMax;
        this.readings = readings;
        readingsLeft = readings;
        rowsLeft = readings;
        cellsLeft = (long) readings * CELLS_PER_READING;
    }

    Batch decode() throws CorruptColumnException {
        MessageCursor cursor = new MessageCursor(again());
        while (cursor.next()) { // dictionaries first: protobuf allows fields in any order
            switch (cursor.field()) {
                case 1 -> {
                    ByteSource message = cursor.bytes();
                    spend("devices", devices.size(), readings);
                    devices.add(device(message));
                }
                case 2 -> {
                    ByteSource message = cursor.bytes();
                    spend("channels", channels.size(), readings);
                    channels.add(channel(message));
                }
                default -> cursor.skip();
            }
        }
        cursor = new MessageCursor(again());
        while (cursor.next()) {
            if (cursor.field() == 3) {
                tables.add(table(cursor.bytes()));
            } else {
                cursor.skip();
            }
        }
        if (readingsLeft != 0) {
            throw new CorruptColumnException(
                    "tables hold " + (readings - readingsLeft) + " readings, the envelope says " + readings);
        }
        return known == null || names == null
                ? new Batch(devices, channels, tables)
                : new Batch(names.devices(devices), known.channels(channels), tables);
    }

    private ByteSource again() {
        return new ByteSource(body.array(), body.position(), body.remaining());
    }

    private static void spend(String what, int count, int max) throws CorruptColumnException {
        if (count >= max) {
            throw new CorruptColumnException("more than " + max + " " + what + ", expected at most one per reading");
        }
    }

    private Device device(ByteSource message) throws CorruptColumnException {
        if (names == null) {
            return decodeDevice(message);
        }
        Device device = names.find(message);
        if (device == null) {
            ByteSource whole = new ByteSource(message.array(), message.position(), message.remaining());
            device = decodeDevice(message);
            names.add(whole, device);
        } else {
            takeTags(device.tags().size());
        }
        return device;
    }

    private void takeTags(int count) throws CorruptColumnException {
        tagsLeft -= count;
        if (tagsLeft < 0) {
            throw new CorruptColumnException("more than " + BodyEncoder.TAGS_MAX + " tags in one batch");
        }
    }

    private Device decodeDevice(ByteSource message) throws CorruptColumnException {
        String id = "";
        Map<String, String> tags = Map.of();
        MessageCursor cursor = new MessageCursor(message);
        while (cursor.next()) {
            switch (cursor.field()) {
                case 1 -> id = text(cursor.bytes());
                case 2 -> {
                    takeTags(1);
                    tags = tags.isEmpty() ? new HashMap<>() : tags;
                    addTag(cursor.bytes(), tags);
                }
                default -> cursor.skip();
            }
        }
        return new Device(id, tags);
    }

    private static void addTag(ByteSource message, Map<String, String> tags) throws CorruptColumnException {
        String name = "";
        String value = "";
        MessageCursor cursor = new MessageCursor(message);
        while (cursor.next()) {
            switch (cursor.field()) {
                case 1 -> name = text(cursor.bytes());
                case 2 -> value = text(cursor.bytes());
                default -> cursor.skip();
            }
        }
        tags.put(name, value);
    }

    private static Channel channel(ByteSource message) throws CorruptColumnException {
        String name = "";
        String unit = "";
        long type = 0;
        MessageCursor cursor = new MessageCursor(message);
        while (cursor.next()) {
            switch (cursor.field()) {
                case 1 -> name = text(cursor.bytes());
                case 2 -> type = cursor.varint();
                case 3 -> unit = text(cursor.bytes());
                default -> cursor.skip();
            }
        }
        return new Channel(name, typeOf(type), unit);
    }

    private static ValueType typeOf(long code) throws CorruptColumnException {
        if (code < 1 || code > 4) {
            throw new CorruptColumnException("value type " + code + ", expected 1 to 4");
        }
        return switch ((int) code) {
            case 1 -> ValueType.DOUBLE;
            case 2 -> ValueType.LONG;
            case 3 -> ValueType.BOOL;
            default -> ValueType.STRING;
        };
    }

    private Table table(ByteSource message) throws CorruptColumnException {
        int rows = 0;
        int runs = 0;
        ByteSource runDevices = null;
        ByteSource runLengths = null;
        ByteSource eventTimes = null;
        ByteSource edgeLags = null;
        List<ByteSource> columns = new ArrayList<>();
        MessageCursor cursor = new MessageCursor(message);
        while (cursor.next()) {
            switch (cursor.field()) {
                case 1 -> rows = cursor.count("rows of a table", rowsLeft);
                case 2 -> runs = cursor.count("runs of a table", rowsLeft);
                case 3 -> runDevices = cursor.bytes();
                case 7 -> runLengths = cursor.bytes();
                case 4 -> eventTimes = cursor.bytes();
                case 5 -> edgeLags = cursor.bytes();
                case 6 -> {
                    spend("columns", columns.size(), readingsLeft);
                    columns.add(cursor.bytes());
                }
                default -> cursor.skip();
            }
        }
        if (rows == 0 || runs > rows) {
            throw new CorruptColumnException("table of " + rows + " rows and " + runs + " runs, expected at least one");
        }
        rowsLeft -= rows;
        int[] runDevice = ints("run of device", runDevices, runs, 0, devices.size() - 1);
        int[] runLength = ints("run length", runLengths, runs, 1, rows);
        long[] events = longs("event times", eventTimes, rows);
        long[] edges = longs("edge lags", edgeLags, rows);
        for (int row = 0; row < rows; row++) {
            edges[row] += events[row];
        }
        int[] columnChannels = new int[columns.size()];
        Column[] decoded = new Column[columns.size()];
        for (int i = 0; i < decoded.length; i++) {
            decoded[i] = column(columns.get(i), i, columnChannels, rows, known != null && runs == 1);
        }
        if (ChannelSet.hasRepeats(columnChannels)) {
            throw new CorruptColumnException("two columns of one channel in a table");
        }
        return new Table(rows, runDevice, runLength, events, edges, columnChannels, decoded);
    }

    private Column column(ByteSource message, int index, int[] columnChannels, int rows, boolean kept)
            throws CorruptColumnException {
        ByteSource values = null;
        ByteSource presence = null;
        ByteSource quality = null;
        MessageCursor cursor = new MessageCursor(message);
        while (cursor.next()) {
            switch (cursor.field()) {
                case 1 -> columnChannels[index] = cursor.count("column of channel", channels.size() - 1);
                case 2 -> values = cursor.bytes();
                case 3 -> presence = cursor.bytes();
                case 4 -> quality = cursor.bytes();
                default -> cursor.skip();
            }
        }
        cellsLeft -= rows;
        if (cellsLeft < 0) {
            throw new CorruptColumnException("more than " + CELLS_PER_READING + " cells per reading");
        }
        if (values == null || channels.isEmpty()) {
            throw new CorruptColumnException("column without values or channel");
        }
        long[] bitmap = presence == null || presence.remaining() == 0 ? null : bitmap(presence, rows);
        int size = bitmap == null ? rows : bitCount(bitmap);
        if (size == 0 || size > readingsLeft) {
            throw new CorruptColumnException("column of " + size + " values, expected 1 to " + readingsLeft);
        }
        readingsLeft -= size;
        byte[] codes = quality == null || quality.remaining() == 0 ? null : quality(quality, size);
        Column.Encoded encoded = new Column.Encoded(values.array(), values.position(), values.remaining());
        ValueType type = channels.get(columnChannels[index]).type();
        Column column;
        if (kept) {
            column = Column.ofEncoded(type, size, encoded, checked(type, values, size), bitmap, codes);
        } else if (type == ValueType.STRING) {
            column = Column.ofStrings(texts(values, size), size, bitmap, codes).decodedFrom(encoded);
        } else {
            column = Column.decode(type, values, size, bitmap, codes).decodedFrom(encoded);
        }
        values.expectEnd();
        return column;
    }

    /** Decodes values to see whether that works, and what there is to tell of them. */
    private @Nullable ColumnStats checked(ValueType type, ByteSource in, int size) throws CorruptColumnException {
        switch (type) {
            case DOUBLE -> {
                doubles = doubles.length < size ? new double[size] : doubles;
                DoubleCodec.decode(in, size, doubles);
                return ColumnStats.ofDoubles(doubles, size);
            }
            case STRING -> {
                texts(in, size);
                return null;
            }
            default -> {
                longs = longs.length < size ? new long[size] : longs;
                if (type == ValueType.LONG) {
                    LongCodec.decode(in, size, longs);
                } else {
                    BoolCodec.decode(in, size, longs);
                }
                return ColumnStats.ofLongs(longs, size);
            }
        }
    }

    private String[] texts(ByteSource in, int size) throws CorruptColumnException {
        String[] values = new String[size];
        StringCodec.decode(in, size, values, stringBytesMax);
        return values;
    }

    private static long[] bitmap(ByteSource in, int rows) throws CorruptColumnException {
        long[] bitmap = BoolCodec.decodeBitmap(in, rows);
        in.expectEnd();
        return bitmap;
    }

    private static int bitCount(long[] bitmap) {
        return Arrays.stream(bitmap).mapToInt(Long::bitCount).sum();
    }

    private static byte[] quality(ByteSource in, int size) throws CorruptColumnException {
        long[] codes = new long[size];
        LongCodec.decode(in, size, codes);
        in.expectEnd();
        byte[] result = new byte[size];
        for (int i = 0; i < size; i++) {
            if (codes[i] < 0 || codes[i] > Quality.MAX) {
                throw new CorruptColumnException("quality " + codes[i] + ", expected 0 to " + Quality.MAX);
            }
            result[i] = (byte) codes[i];
        }
        return result;
    }

    private static long[] longs(String what, @Nullable ByteSource in, int size) throws CorruptColumnException {
        if (in == null) {
            throw new CorruptColumnException("table without " + what);
        }
        long[] values = new long[size];
        LongCodec.decode(in, size, values);
        in.expectEnd();
        return values;
    }

    private static int[] ints(String what, @Nullable ByteSource in, int size, int min, int max)
            throws CorruptColumnException {
        long[] values = longs(what, in, size);
        int[] result = new int[size];
        for (int i = 0; i < size; i++) {
            if (values[i] < min || values[i] > max) {
                throw new CorruptColumnException(what + " " + values[i] + ", expected " + min + " to " + max);
            }
            result[i] = (int) values[i];
        }
        return result;
    }

    private static String text(ByteSource bytes) throws CorruptColumnException {
        int length = bytes.remaining();
        if (length > Names.MAX_BYTES) {
            throw new CorruptColumnException("name of " + length + " bytes, expected at most " + Names.MAX_BYTES);
        }
        return Utf8.decode(bytes.array(), bytes.position(), length);
    }
}
