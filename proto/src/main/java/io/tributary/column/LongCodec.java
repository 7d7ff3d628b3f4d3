package io.tributary.column;

/** Columns of signed 64-bit integers: times, counters, codes. */
public final class LongCodec {
    static final int RAW = 0;
    static final int CONSTANT = 1;

    private LongCodec() {}

    public static void encode(long[] values, int from, int size, ByteSink out) {
        java.util.Objects.checkFromIndexSize(from, size, values.length);
        boolean constant = true;
        for (int i = from + 1; i < from + size && constant; i++) {
            constant = values[i] == values[from];
        }
        if (constant) {
            out.writeByte(CONSTANT);
            out.writeSignedVarint(size == 0 ? 0 : values[from]);
            return;
        }
        out.writeByte(RAW);
        for (int i = from; i < from + size; i++) {
            out.writeLong(values[i]);
        }
    }

    /** Fills {@code target[0, size)}. */
    public static void decode(ByteSource in, int size, long[] target) throws CorruptColumnException {
        int encoding = in.readByte();
        switch (encoding) {
            case RAW -> {
                if (in.remaining() < size * 8L) {
                    throw new CorruptColumnException(
                            "raw column has " + in.remaining() + " bytes, expected " + size * 8L);
                }
                for (int i = 0; i < size; i++) {
                    target[i] = in.readLong();
                }
            }
            case CONSTANT -> java.util.Arrays.fill(target, 0, size, in.readSignedVarint());
            default -> throw new CorruptColumnException("unknown encoding " + encoding + " of a long column");
        }
    }
}
