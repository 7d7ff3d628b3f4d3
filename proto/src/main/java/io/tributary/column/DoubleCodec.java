package io.tributary.column;

/** Columns of IEEE 754 binary64 values, bit for bit. */
public final class DoubleCodec {
    private DoubleCodec() {}

    public static void encode(double[] values, int from, int size, ByteSink out) {
        long[] bits = new long[size];
        for (int i = 0; i < size; i++) {
            bits[i] = Double.doubleToRawLongBits(values[from + i]);
        }
        LongCodec.encode(bits, 0, size, out);
    }

    /** Fills {@code target[0, size)}. */
    public static void decode(ByteSource in, int size, double[] target) throws CorruptColumnException {
        long[] bits = new long[size];
        LongCodec.decode(in, size, bits);
        for (int i = 0; i < size; i++) {
            target[i] = Double.longBitsToDouble(bits[i]);
        }
    }
}
