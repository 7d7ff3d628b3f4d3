package io.tributary.agent.decode;

import com.google.protobuf.ByteString;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Values of metrics by their data type, specification 3.0 section 6.4.16. Whole numbers and DateTime (ms since 1970)
 * become longs, Float and Double doubles, Bytes and File texts in base64; an array becomes a channel per element,
 * {@code name[0]}.
 */
final class SparkplugValues {
    static final int BOOLEAN = 11;
    private static final int INT8 = 1;
    private static final int INT16 = 2;
    private static final int INT32 = 3;
    private static final int UINT8 = 5;
    private static final int UINT16 = 6;
    private static final int UINT32 = 7;
    private static final int UINT64 = 8;
    private static final int FLOAT = 9;
    private static final int DOUBLE = 10;
    private static final int STRING = 12;
    private static final int DATE_TIME = 13;
    private static final int TEXT = 14;
    private static final int UUID = 15;
    private static final int BYTES = 17;
    private static final int FILE = 18;
    private static final int FIRST_ARRAY = 22;
    private static final int LAST_ARRAY = 34;
    private static final int FLOAT_ARRAY = 30;
    private static final int DOUBLE_ARRAY = 31;
    private static final int BOOLEAN_ARRAY = 32;
    private static final int STRING_ARRAY = 33;
    /** Bytes per element of the arrays from {@link #FIRST_ARRAY} on; 0 for those of other form. */
    private static final int[] ELEMENT_BYTES = {1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 0, 0, 8};

    private static final int ELEMENTS_MAX = 1_024;

    private SparkplugValues() {}

    /** The type of the channel, or DOUBLE for types without one. */
    static ValueType typeOf(int datatype) {
        return switch (datatype) {
            case FLOAT, DOUBLE -> ValueType.DOUBLE;
            case BOOLEAN -> ValueType.BOOL;
            case STRING, TEXT, UUID, BYTES, FILE -> ValueType.STRING;
            default -> datatype >= INT8 && datatype <= DATE_TIME ? ValueType.LONG : ValueType.DOUBLE;
        };
    }

    static boolean isFloating(int datatype) {
        return datatype == FLOAT || datatype == DOUBLE;
    }

    /** @return false for types that become no readings: data sets, property sets, types of later versions */
    static boolean add(Readings readings, String name, String unit, int datatype, SparkplugMetric metric, int quality)
            throws MalformedException {
        Channel channel = new Channel(name, typeOf(datatype), unit);
        switch (datatype) {
            case FLOAT, DOUBLE -> readings.add(channel, floating(name, metric), quality);
            case BOOLEAN -> {
                boolean given = metric.kind == SparkplugMetric.Kind.BOOL || metric.kind == SparkplugMetric.Kind.INT;
                readings.add(channel, given(given, name, metric).bits != 0, quality);
            }
            case STRING, TEXT, UUID ->
                readings.add(channel, given(metric.kind == SparkplugMetric.Kind.TEXT, name, metric).text, quality);
            case BYTES, FILE -> {
                ByteString bytes = given(metric.kind == SparkplugMetric.Kind.BYTES, name, metric).bytes;
                if (bytes.size() > ValueTexts.STRING_BYTES_MAX / 4 * 3) {
                    throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" has " + bytes.size()
                            + " bytes, expected at most " + ValueTexts.STRING_BYTES_MAX / 4 * 3);
                }
                readings.add(channel, Base64.getEncoder().encodeToString(bytes.toByteArray()), quality);
            }
            default -> {
                if (datatype >= INT8 && datatype <= DATE_TIME) {
                    readings.add(channel, whole(name, datatype, metric), quality);
                } else if (datatype >= FIRST_ARRAY && datatype <= LAST_ARRAY) {
                    ByteString bytes = given(metric.kind == SparkplugMetric.Kind.BYTES, name, metric).bytes;
                    array(readings, name, unit, datatype, bytes, quality);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    private static SparkplugMetric given(boolean fits, String name, SparkplugMetric metric) throws MalformedException {
        if (!fits) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" of data type " + metric.datatype
                    + " has a value of kind " + metric.kind);
        }
        return metric;
    }

    private static double floating(String name, SparkplugMetric metric) throws MalformedException {
        if (metric.kind == SparkplugMetric.Kind.INT) {
            return metric.bits;
        }
        return Double.longBitsToDouble(given(metric.kind == SparkplugMetric.Kind.FLOATING, name, metric).bits);
    }

    /** Negative ones come as two's complement of 8, 16, 32 or 64 bits: encoders differ in how far they extend the sign. */
    private static long whole(String name, int datatype, SparkplugMetric metric) throws MalformedException {
        long bits = given(metric.kind == SparkplugMetric.Kind.INT, name, metric).bits;
        return switch (datatype) {
            case INT8 -> (byte) bits;
            case INT16 -> (short) bits;
            case INT32 -> (int) bits;
            case UINT8 -> bits & 0xff;
            case UINT16 -> bits & 0xffff;
            case UINT32 -> bits & 0xffff_ffffL;
            case UINT64 -> unsigned(name, bits);
            default -> bits;
        };
    }

    private static long unsigned(String name, long bits) throws MalformedException {
        if (bits < 0) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" is " + Long.toUnsignedString(bits)
                    + ", expected at most " + Long.MAX_VALUE);
        }
        return bits;
    }

    private static void array(Readings readings, String name, String unit, int datatype, ByteString bytes, int quality)
            throws MalformedException {
        ByteBuffer data = bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (datatype == BOOLEAN_ARRAY) {
            bools(readings, name, unit, data, quality);
            return;
        }
        if (datatype == STRING_ARRAY) {
            strings(readings, name, unit, bytes, quality);
            return;
        }
        int size = ELEMENT_BYTES[datatype - FIRST_ARRAY];
        int count = checkedCount(name, data.remaining() / size);
        if (data.remaining() != count * size) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" is an array of " + data.remaining()
                    + " bytes, expected a multiple of " + size);
        }
        for (int i = 0; i < count; i++) {
            element(readings, name + "[" + i + "]", unit, datatype, data, quality);
        }
    }

    private static void element(Readings readings, String name, String unit, int datatype, ByteBuffer data, int quality)
            throws MalformedException {
        if (datatype == FLOAT_ARRAY || datatype == DOUBLE_ARRAY) {
            double value = datatype == FLOAT_ARRAY ? data.getFloat() : data.getDouble();
            readings.add(new Channel(name, ValueType.DOUBLE, unit), value, quality);
            return;
        }
        boolean unsigned = datatype - FIRST_ARRAY >= 4 && datatype - FIRST_ARRAY < 8;
        long value = switch (ELEMENT_BYTES[datatype - FIRST_ARRAY]) {
            case 1 -> unsigned ? data.get() & 0xff : data.get();
            case 2 -> unsigned ? data.getShort() & 0xffff : data.getShort();
            case 4 -> unsigned ? data.getInt() & 0xffff_ffffL : data.getInt();
            default -> unsigned ? unsigned(name, data.getLong()) : data.getLong();
        };
        readings.add(new Channel(name, ValueType.LONG, unit), value, quality);
    }

    /** A count of 4 bytes, then bits, the highest of a byte first. */
    private static void bools(Readings readings, String name, String unit, ByteBuffer data, int quality)
            throws MalformedException {
        int count = data.remaining() < 4 ? -1 : data.getInt();
        if (count < 0 || (count + 7L) / 8 > data.remaining()) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" is an array of " + count
                    + " bools in " + data.remaining() + " bytes");
        }
        checkedCount(name, count);
        for (int i = 0; i < count; i++) {
            boolean value = (data.get(data.position() + i / 8) >> (7 - i % 8) & 1) != 0;
            readings.add(new Channel(name + "[" + i + "]", ValueType.BOOL, unit), value, quality);
        }
    }

    /** Each ends with a zero byte. */
    private static void strings(Readings readings, String name, String unit, ByteString bytes, int quality)
            throws MalformedException {
        int from = 0;
        int count = 0;
        for (int i = 0; i < bytes.size(); i++) {
            if (bytes.byteAt(i) == 0) {
                ByteString one = bytes.substring(from, i);
                if (!one.isValidUtf8()) {
                    throw new MalformedException(
                            "metric \"" + ValueTexts.shown(name) + "\" has a text that is not UTF-8");
                }
                String text = one.toString(StandardCharsets.UTF_8);
                readings.add(
                        new Channel(name + "[" + checkedCount(name, count) + "]", ValueType.STRING, unit),
                        text,
                        quality);
                from = i + 1;
                count++;
            }
        }
        if (from != bytes.size()) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" ends with a text that has no end");
        }
    }

    private static int checkedCount(String name, int count) throws MalformedException {
        if (count > ELEMENTS_MAX) {
            throw new MalformedException("metric \"" + ValueTexts.shown(name) + "\" is an array of " + count
                    + ", expected at most " + ELEMENTS_MAX);
        }
        return count;
    }

    /** Codes of the specification's property: 192 good, 500 stale, 0 bad. */
    static int quality(int property) {
        return switch (property) {
            case -1, 192 -> Quality.GOOD;
            case 500 -> Quality.UNCERTAIN;
            default -> Quality.BAD;
        };
    }
}
