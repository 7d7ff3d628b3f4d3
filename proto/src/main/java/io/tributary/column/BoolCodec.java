package io.tributary.column;

import java.util.Arrays;
import java.util.Objects;

/** Columns of booleans as longs of 0 and 1: a bitmap, or the lengths of alternating runs. */
public final class BoolCodec {
    static final int BITMAP = 0;
    /** Runs that begin with 0. */
    static final int RUNS_FROM_0 = 1;

    static final int RUNS_FROM_1 = 2;
    /** A run costs about a byte, eight values of a bitmap another. */
    private static final int RUN_VALUES_MIN = 10;

    private BoolCodec() {}

    /** @throws IllegalArgumentException when a value is neither 0 nor 1 */
    public static void encode(long[] values, int from, int size, ByteSink out) {
        Objects.checkFromIndexSize(from, size, values.length);
        int runs = 1;
        long all = size == 0 ? 0 : values[from];
        for (int i = from + 1; i < from + size; i++) {
            runs += values[i] != values[i - 1] ? 1 : 0;
            all |= values[i];
        }
        if ((all & ~1L) != 0) {
            throw new IllegalArgumentException("bool column with a value other than 0 and 1");
        }
        if (runs <= size / RUN_VALUES_MIN || (runs == 1 && size > 0)) {
            encodeRuns(values, from, size, runs, out);
            return;
        }
        out.writeByte(BITMAP);
        int bytes = (int) ((size + 7L) >> 3);
        int at = out.reserve(bytes);
        byte[] target = out.array();
        Arrays.fill(target, at, at + bytes, (byte) 0);
        for (int i = 0; i < size; i++) {
            target[at + (i >> 3)] |= (byte) (values[from + i] << (i & 7));
        }
    }

    private static void encodeRuns(long[] values, int from, int size, int runs, ByteSink out) {
        out.writeByte(values[from] == 0 ? RUNS_FROM_0 : RUNS_FROM_1);
        out.writeVarint(runs);
        long[] lengths = new long[runs];
        int run = 0;
        int start = from;
        for (int i = from + 1; i <= from + size; i++) {
            if (i == from + size || values[i] != values[start]) {
                lengths[run++] = i - start;
                start = i;
            }
        }
        if (runs > 1) { // a single run is as long as the column
            RunLengths.encode(lengths, runs, out);
        }
    }

    /** Fills {@code target[0, size)} with 0 and 1. */
    public static void decode(ByteSource in, int size, long[] target) throws CorruptColumnException {
        Objects.checkFromIndexSize(0, size, target.length);
        int encoding = in.readByte();
        switch (encoding) {
            case BITMAP -> {
                int at = in.skip((int) ((size + 7L) >> 3));
                byte[] source = in.array();
                for (int i = 0; i < size; i++) {
                    target[i] = (source[at + (i >> 3)] >> (i & 7)) & 1;
                }
            }
            case RUNS_FROM_0, RUNS_FROM_1 -> {
                long value = encoding == RUNS_FROM_0 ? 0 : 1;
                int at = 0;
                for (int length : runLengths(in, size)) {
                    Arrays.fill(target, at, at + length, value);
                    at += length;
                    value ^= 1;
                }
            }
            default -> throw new CorruptColumnException("encoding " + encoding + " of a bool column is not known");
        }
    }

    private static int[] runLengths(ByteSource in, int size) throws CorruptColumnException {
        int runs = in.readCount("runs", size);
        return runs == 1 ? new int[] {size} : RunLengths.decode(in, runs, size);
    }

    /** Encodes bit {@code i & 63} of word {@code i >> 6} for {@code i} below {@code size}. */
    public static void encodeBitmap(long[] bitmap, int size, ByteSink out) {
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = (bitmap[i >> 6] >>> i) & 1;
        }
        encode(values, 0, size, out);
    }

    /** The bitmap of {@code size} bits; bits beyond it are zero. */
    public static long[] decodeBitmap(ByteSource in, int size) throws CorruptColumnException {
        long[] values = new long[size];
        decode(in, size, values);
        long[] bitmap = new long[(int) ((size + 63L) >> 6)];
        for (int i = 0; i < size; i++) {
            bitmap[i >> 6] |= values[i] << i;
        }
        return bitmap;
    }
}
