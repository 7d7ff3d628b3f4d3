package io.tributary.column;

/** Columns of booleans as longs of 0 and 1. */
public final class BoolCodec {
    static final int BITMAP = 0;

    private BoolCodec() {}

    /** @throws IllegalArgumentException when a value is neither 0 nor 1 */
    public static void encode(long[] values, int from, int size, ByteSink out) {
        out.writeByte(BITMAP);
        int at = out.reserve((size + 7) >> 3);
        byte[] bytes = out.array();
        java.util.Arrays.fill(bytes, at, out.size(), (byte) 0);
        for (int i = 0; i < size; i++) {
            long value = values[from + i];
            if ((value & ~1L) != 0) {
                throw new IllegalArgumentException("bool value " + value + " at " + i + ", expected 0 or 1");
            }
            bytes[at + (i >> 3)] |= (byte) (value << (i & 7));
        }
    }

    /** Fills {@code target[0, size)} with 0 and 1. */
    public static void decode(ByteSource in, int size, long[] target) throws CorruptColumnException {
        int encoding = in.readByte();
        if (encoding != BITMAP) {
            throw new CorruptColumnException("unknown encoding " + encoding + " of a bool column");
        }
        int at = in.skip((int) ((size + 7L) >> 3));
        byte[] bytes = in.array();
        for (int i = 0; i < size; i++) {
            target[i] = (bytes[at + (i >> 3)] >> (i & 7)) & 1;
        }
    }

    /** Encodes bit {@code i & 63} of word {@code i >> 6} for {@code i} below {@code size}. */
    public static void encodeBitmap(long[] bitmap, int size, ByteSink out) {
        encode(unpack(bitmap, size), 0, size, out);
    }

    /** The bitmap of {@code size} bits; bits beyond it are zero. */
    public static long[] decodeBitmap(ByteSource in, int size) throws CorruptColumnException {
        long[] values = new long[size];
        decode(in, size, values);
        long[] bitmap = new long[(size + 63) >> 6];
        for (int i = 0; i < size; i++) {
            bitmap[i >> 6] |= values[i] << i;
        }
        return bitmap;
    }

    private static long[] unpack(long[] bitmap, int size) {
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = (bitmap[i >> 6] >>> i) & 1;
        }
        return values;
    }
}
