package io.tributary.collector.storage;

import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies between columns of one type. */
final class Columns {
    private Columns() {}

    /** The values {@code order[i]} of a column without presence. */
    static Column gather(Column source, int[] order, int size) {
        byte[] quality = null;
        if (source.quality() != null) {
            quality = new byte[size];
            boolean good = true;
            for (int i = 0; i < size; i++) {
                quality[i] = (byte) source.qualityAt(order[i]);
                good &= quality[i] == Quality.GOOD;
            }
            quality = good ? null : quality;
        }
        switch (source.type()) {
            case DOUBLE -> {
                double[] from = source.doubles();
                double[] to = new double[size];
                for (int i = 0; i < size; ) {
                    int end = stretch(order, i, size);
                    System.arraycopy(from, order[i], to, i, end - i);
                    i = end;
                }
                return Column.ofDoubles(to, size, null, quality);
            }
            case STRING -> {
                String[] from = source.strings();
                String[] to = new String[size];
                for (int i = 0; i < size; i++) {
                    to[i] = from[order[i]];
                }
                return Column.ofStrings(to, size, null, quality);
            }
            default -> {
                long[] from = source.longs();
                long[] to = new long[size];
                for (int i = 0; i < size; ) {
                    int end = stretch(order, i, size);
                    System.arraycopy(from, order[i], to, i, end - i);
                    i = end;
                }
                return ofLongs(source.type(), to, size, null, quality);
            }
        }
    }

    /** Where what lies behind each other ends: nearly all rows do when a few are left out. */
    private static int stretch(int[] order, int from, int size) {
        int shift = order[from] - from;
        int end = from + 1;
        while (end < size && order[end] - end == shift) {
            end++;
        }
        return end;
    }

    /** Values behind each other, of a column without presence. */
    static Column range(Column source, int from, int to) {
        byte[] quality = source.quality() == null ? null : Arrays.copyOfRange(source.quality(), from, to);
        int size = to - from;
        return switch (source.type()) {
            case DOUBLE -> Column.ofDoubles(Arrays.copyOfRange(source.doubles(), from, to), size, null, quality);
            case STRING -> Column.ofStrings(Arrays.copyOfRange(source.strings(), from, to), size, null, quality);
            default -> ofLongs(source.type(), Arrays.copyOfRange(source.longs(), from, to), size, null, quality);
        };
    }

    /** The values {@code [from, to)} of a column without presence. */
    static Column slice(Column source, int from, int to) {
        int size = to - from;
        byte[] quality = null;
        for (int i = from; quality == null && source.quality() != null && i < to; i++) {
            quality = source.qualityAt(i) == Quality.GOOD ? null : Arrays.copyOfRange(source.quality(), from, to);
        }
        return switch (source.type()) {
            case DOUBLE -> Column.ofDoubles(Arrays.copyOfRange(source.doubles(), from, to), size, null, quality);
            case STRING -> Column.ofStrings(Arrays.copyOfRange(source.strings(), from, to), size, null, quality);
            default -> ofLongs(source.type(), Arrays.copyOfRange(source.longs(), from, to), size, null, quality);
        };
    }

    /** Columns without presence, one behind the other. */
    static Column concat(ValueType type, List<Column> parts) {
        int size = 0;
        boolean qualities = false;
        for (Column part : parts) {
            size = Math.addExact(size, part.size());
            qualities |= part.quality() != null;
        }
        byte[] quality = qualities ? new byte[size] : null;
        double[] doubles = type == ValueType.DOUBLE ? new double[size] : new double[0];
        String[] strings = type == ValueType.STRING ? new String[size] : new String[0];
        long[] longs = type == ValueType.LONG || type == ValueType.BOOL ? new long[size] : new long[0];
        int at = 0;
        for (Column part : parts) {
            switch (type) {
                case DOUBLE -> System.arraycopy(part.doubles(), 0, doubles, at, part.size());
                case STRING -> System.arraycopy(part.strings(), 0, strings, at, part.size());
                default -> System.arraycopy(part.longs(), 0, longs, at, part.size());
            }
            byte[] codes = part.quality();
            if (codes != null && quality != null) {
                System.arraycopy(codes, 0, quality, at, part.size());
            }
            at += part.size();
        }
        return switch (type) {
            case DOUBLE -> Column.ofDoubles(doubles, size, null, quality);
            case STRING -> Column.ofStrings(strings, size, null, quality);
            default -> ofLongs(type, longs, size, null, quality);
        };
    }

    /** Whether two values of a column without presence, and their qualities, are the same. */
    static boolean same(Column column, int a, int b) {
        return column.qualityAt(a) == column.qualityAt(b) && column.sameValue(a, column, b);
    }

    /** The same values with another presence. */
    static Column withPresence(Column source, long @Nullable [] presence) {
        return switch (source.type()) {
            case DOUBLE -> Column.ofDoubles(source.doubles(), source.size(), presence, source.quality());
            case STRING -> Column.ofStrings(source.strings(), source.size(), presence, source.quality());
            default -> ofLongs(source.type(), source.longs(), source.size(), presence, source.quality());
        };
    }

    static Column ofLongs(
            ValueType type, long[] values, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        return type == ValueType.BOOL
                ? Column.ofBools(values, size, presence, quality)
                : Column.ofLongs(values, size, presence, quality);
    }
}
