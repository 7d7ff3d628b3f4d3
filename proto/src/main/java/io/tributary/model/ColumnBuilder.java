package io.tributary.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Growing values of one channel in one table; quality and presence arrays appear only when they say something. */
final class ColumnBuilder {
    private final ValueType type;
    private int size;
    private long[] longs = {};
    private double[] doubles = {};
    private String[] strings = {};
    private byte @Nullable [] quality;
    private long @Nullable [] presence;

    ColumnBuilder(ValueType type) {
        this.type = type;
    }

    int size() {
        return size;
    }

    /** Appends a staged value; {@code bits} of doubles are raw bits. */
    void add(long bits, @Nullable String text, int code) {
        grow(1);
        switch (type) {
            case DOUBLE -> doubles[size] = Double.longBitsToDouble(bits);
            case LONG, BOOL -> longs[size] = bits;
            case STRING -> strings[size] = java.util.Objects.requireNonNull(text);
        }
        if (code != Quality.GOOD || quality != null) {
            qualityFor(size + 1)[size] = (byte) code;
        }
        size++;
    }

    /** Appends {@code count} values of another column from index {@code from} on. */
    void addAll(Column other, int from, int count) {
        grow(count);
        switch (type) {
            case DOUBLE -> System.arraycopy(other.doubles(), from, doubles, size, count);
            case LONG, BOOL -> System.arraycopy(other.longs(), from, longs, size, count);
            case STRING -> System.arraycopy(other.strings(), from, strings, size, count);
        }
        byte[] codes = other.quality();
        if (codes != null) {
            System.arraycopy(codes, from, qualityFor(size + count), size, count);
        } else if (quality != null) {
            qualityFor(size + count);
        }
        size += count;
    }

    /** Says that the value added last belongs to {@code row}; used by tables with absent values only. */
    void markPresent(int row) {
        long[] bits = presence == null ? new long[(row >> 6) + 1] : presence;
        if (row >> 6 >= bits.length) {
            bits = Arrays.copyOf(bits, Math.max((row >> 6) + 1, bits.length * 2));
        }
        bits[row >> 6] |= 1L << row;
        presence = bits;
    }

    /**
     * @param rows of the table
     * @param order source row of each target row, or null to keep the order
     */
    Column build(int rows, int @Nullable [] order) {
        long[] present = presence == null ? null : Arrays.copyOf(presence, (rows + 63) >> 6);
        Column column = switch (type) {
            case DOUBLE -> Column.ofDoubles(doubles, size, present, quality);
            case LONG -> Column.ofLongs(longs, size, present, quality);
            case BOOL -> Column.ofBools(longs, size, present, quality);
            case STRING -> Column.ofStrings(strings, size, present, quality);
        };
        return order == null ? column : BatchRows.reorder(column, rows, order);
    }

    private void grow(int count) {
        int needed = Math.addExact(size, count);
        switch (type) {
            case DOUBLE -> doubles = needed > doubles.length ? Arrays.copyOf(doubles, capacity(needed)) : doubles;
            case LONG, BOOL -> longs = needed > longs.length ? Arrays.copyOf(longs, capacity(needed)) : longs;
            case STRING -> strings = needed > strings.length ? Arrays.copyOf(strings, capacity(needed)) : strings;
        }
    }

    private byte[] qualityFor(int needed) {
        byte[] codes = quality == null ? new byte[capacity(needed)] : quality;
        if (needed > codes.length) {
            codes = Arrays.copyOf(codes, capacity(needed));
        }
        quality = codes;
        return codes;
    }

    private static int capacity(int needed) {
        return Math.max(8, needed + (needed >> 1));
    }
}
