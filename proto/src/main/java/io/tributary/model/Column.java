package io.tributary.model;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.StringCodec;
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
    /** Of a column whose values are encoded only; null where a value is NaN. */
    private final @Nullable ColumnStats stats;
    /** The same with its values decoded, once somebody asked for them. */
    private volatile @Nullable Column opened;

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
            @Nullable Encoded encoded,
            @Nullable ColumnStats stats) {
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
        this.stats = stats;
    }

    /** @param presence bit {@code row & 63} of word {@code row >> 6}; null when every row is present */
    public static Column ofDoubles(double[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.DOUBLE, size, null, values, null, presence, quality, null, null);
    }

    public static Column ofLongs(long[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.LONG, size, values, null, null, presence, quality, null, null);
    }

    /** @param values 0 or 1 each */
    public static Column ofBools(long[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.BOOL, size, values, null, null, presence, quality, null, null);
    }

    public static Column ofStrings(String[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return new Column(ValueType.STRING, size, null, null, values, presence, quality, null, null);
    }

    /** The same column, told where its values lie encoded. */
    Column decodedFrom(Encoded bytes) {
        return new Column(type, size, longs, doubles, strings, presence, quality, bytes, null);
    }

    /**
     * A column that keeps its values encoded, at a fifth of the memory, and decodes them when somebody asks.
     *
     * @param bytes that were decoded without an error before
     * @param stats of the values, as {@link ColumnStats#of} tells them
     */
    public static Column ofEncoded(
            ValueType type,
            int size,
            Encoded bytes,
            @Nullable ColumnStats stats,
            long @Nullable [] presence,
            byte @Nullable [] quality) {
        return new Column(type, size, null, null, null, presence, quality, bytes, stats);
    }

    /** The same values encoded only, none of them decoded yet; null when they were not decoded from anything. */
    public @Nullable Column keptEncoded() {
        return encoded == null ? null : ofEncoded(type, size, encoded, stats(), presence, quality);
    }

    /** Decodes as many values as the column has. */
    public static Column decode(
            ValueType type, ByteSource in, int size, long @Nullable [] presence, byte @Nullable [] quality)
            throws CorruptColumnException {
        switch (type) {
            case DOUBLE -> {
                double[] values = new double[size];
                DoubleCodec.decode(in, size, values);
                return ofDoubles(values, size, presence, quality);
            }
            case STRING -> {
                String[] values = new String[size];
                StringCodec.decode(in, size, values);
                return ofStrings(values, size, presence, quality);
            }
            case LONG -> {
                long[] values = new long[size];
                LongCodec.decode(in, size, values);
                return ofLongs(values, size, presence, quality);
            }
            default -> {
                long[] values = new long[size];
                BoolCodec.decode(in, size, values);
                return ofBools(values, size, presence, quality);
            }
        }
    }

    /** Whether values have to be decoded before they can be read. */
    public boolean isEncodedOnly() {
        return encoded != null && longs == null && doubles == null && strings == null;
    }

    /** @param asked what the caller took the values for */
    private Column opened(String asked) {
        Column known = opened;
        if (known == null) {
            if (!isEncodedOnly() || encoded == null) {
                throw new IllegalStateException("BUG: " + asked + " of a column of " + type);
            }
            try {
                known = decode(
                        type, new ByteSource(encoded.array, encoded.at, encoded.length), size, presence, quality);
            } catch (CorruptColumnException e) {
                throw new IllegalStateException("BUG: a checked column cannot be read", e);
            }
            opened = known;
        }
        return known;
    }

    /** Of at least one value; null for texts and where a value is NaN. Computed at every call unless kept encoded. */
    public @Nullable ColumnStats stats() {
        return isEncodedOnly() ? stats : ColumnStats.of(this);
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
        return longs == null ? opened("longs").longs() : longs;
    }

    public double[] doubles() {
        return doubles == null ? opened("doubles").doubles() : doubles;
    }

    public String[] strings() {
        return strings == null ? opened("strings").strings() : strings;
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
