package io.tributary.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one channel over the rows of a table: primitive arrays, one entry per <em>present</em> value, in row
 * order. Arrays are owned by the column and not copied: whoever builds one gives them away, whoever reads one leaves
 * them as they are.
 *
 * <pre>
 * rows       0    1    2    3
 * presence   1    0    1    1        (null: all present)
 * values    20.5      20.6 20.7      longs | doubles | strings, by type
 * quality    0         0    0x80     (null: all good)
 * </pre>
 */
public final class Column {
    private final ValueType type;
    private final int size;
    private final long @Nullable [] longs;
    private final double @Nullable [] doubles;
    private final String @Nullable [] strings;
    private final long @Nullable [] presence;
    private final byte @Nullable [] quality;
    private final @Nullable Encoded encoded;

    /**
     * Bytes from which the present values were decoded, by the codec of their type. The array belongs to others and does
     * not change.
     */
    public record Encoded(byte[] array, int at, int length) {}

    private Column(
            ValueType type,
            int size,
            long @Nullable [] longs,
            double @Nullable [] doubles,
            String @Nullable [] strings,
            long @Nullable [] presence,
            byte @Nullable [] quality,
            @Nullable Encoded encoded) {
        if (quality != null && quality.length < size) {
            throw new IllegalArgumentException("quality has " + quality.length + " entries, expected " + size);
        }
        this.type = type;
        this.size = size;
        this.longs = longs;
        this.doubles = doubles;
        this.strings = strings;
        this.presence = presence;
        this.quality = quality;
        this.encoded = encoded;
    }

    /** @param presence bit {@code row & 63} of word {@code row >> 6}; null when every row is present */
    public static Column ofDoubles(double[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.DOUBLE, size, null, values, null, presence, quality, null);
    }

    public static Column ofLongs(long[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.LONG, size, values, null, null, presence, quality, null);
    }

    /** @param values 0 or 1 each */
    public static Column ofBools(long[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.BOOL, size, values, null, null, presence, quality, null);
    }

    public static Column ofStrings(String[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.STRING, size, null, null, values, presence, quality, null);
    }

    /** The same column, told where its values lie encoded. */
    Column decodedFrom(Encoded bytes) {
        return new Column(type, size, longs, doubles, strings, presence, quality, bytes);
    }

    /** Where the values lie encoded; null when they were not decoded from anything. */
    public @Nullable Encoded encoded() {
        return encoded;
    }

    public ValueType type() {
        return type;
    }

    /** Present values; the arrays may be longer. */
    public int size() {
        return size;
    }

    /** LONG values, or BOOL as 0 and 1. */
    public long[] longs() {
        if (longs == null) {
            throw new IllegalStateException("BUG: longs of a column of " + type);
        }
        return longs;
    }

    public double[] doubles() {
        if (doubles == null) {
            throw new IllegalStateException("BUG: doubles of a column of " + type);
        }
        return doubles;
    }

    public String[] strings() {
        if (strings == null) {
            throw new IllegalStateException("BUG: strings of a column of " + type);
        }
        return strings;
    }

    /** Bitmap over rows, or null when the channel is present in every row. */
    public long @Nullable [] presence() {
        return presence;
    }

    /** One code per present value, or null when all are good. */
    public byte @Nullable [] quality() {
        return quality;
    }

    public boolean isPresent(int row) {
        return presence == null || (presence[row >> 6] & (1L << row)) != 0;
    }

    public int qualityAt(int index) {
        return quality == null ? Quality.GOOD : quality[index] & 0xff;
    }

    /** Same type and, bit for bit, same values, presence and quality over {@code rows} rows. */
    public boolean sameAs(Column other, int rows) {
        if (type != other.type || size != other.size) {
            return false;
        }
        for (int row = 0; row < rows; row++) {
            if (isPresent(row) != other.isPresent(row)) {
                return false;
            }
        }
        for (int i = 0; i < size; i++) {
            if (qualityAt(i) != other.qualityAt(i) || !sameValue(i, other, i)) {
                return false;
            }
        }
        return true;
    }

    /** Bit-for-bit equality of two values of columns of the same type. */
    public boolean sameValue(int index, Column other, int otherIndex) {
        return switch (type) {
            case DOUBLE ->
                Double.doubleToRawLongBits(doubles()[index]) == Double.doubleToRawLongBits(other.doubles()[otherIndex]);
            case LONG, BOOL -> longs()[index] == other.longs()[otherIndex];
            case STRING -> strings()[index].equals(other.strings()[otherIndex]);
        };
    }

    @Override
    public String toString() {
        return switch (type) {
            case DOUBLE -> "DOUBLE" + Arrays.toString(Arrays.copyOf(doubles(), size));
            case LONG, BOOL -> type + Arrays.toString(Arrays.copyOf(longs(), size));
            case STRING -> "STRING" + Arrays.toString(Arrays.copyOf(strings(), size));
        };
    }
}
