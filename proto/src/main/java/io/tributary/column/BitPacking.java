package io.tributary.column;

import java.lang.invoke.VarHandle;

/**
 * Unsigned integers of one width, one behind the other in a little-endian bit stream: value {@code i} begins at bit {@code
 * i * width}. Each value is fetched with one unaligned 8-byte load and without branches, which C2 turns into about two
 * cycles per value; code unrolled per width was not faster.
 */
final class BitPacking {
    /** Widest value that lies within one unaligned 8-byte word whatever bit it begins at. */
    private static final int ONE_LOAD_BITS = 57;
    /** What {@link #unpack} may read, and {@link #pack} overwrite, behind the packed bytes. */
    static final int SLACK_BYTES = 9;

    private static final VarHandle LONG_LE = ByteSink.LONG_LE;

    private BitPacking() {}

    static int bytes(int count, int width) {
        return (int) (((long) count * width + 7) >> 3);
    }

    /** Bits of an unsigned number. */
    static int width(long value) {
        return 64 - Long.numberOfLeadingZeros(value);
    }

    static long mask(int width) {
        return width == 64 ? -1L : (1L << width) - 1;
    }

    /** Packs the low bits of {@code values[i] - base}; needs {@link #SLACK_BYTES} of room behind. */
    static void pack(long[] values, int count, long base, int width, byte[] target, int at) {
        if (width > ONE_LOAD_BITS - 1) {
            packWide(values, count, base, width, target, at);
            return;
        }
        long mask = mask(width);
        long buffer = 0;
        int fill = 0;
        int to = at;
        for (int i = 0; i < count; i++) {
            buffer |= ((values[i] - base) & mask) << fill;
            LONG_LE.set(target, to, buffer);
            fill += width;
            to += fill >>> 3;
            buffer >>>= fill & 0x78;
            fill &= 7;
        }
    }

    private static void packWide(long[] values, int count, long base, int width, byte[] target, int at) {
        long mask = mask(width);
        long buffer = 0;
        int fill = 0;
        int to = at;
        for (int i = 0; i < count; i++) {
            long value = (values[i] - base) & mask;
            buffer |= value << fill;
            fill += width;
            if (fill >= 64) {
                LONG_LE.set(target, to, buffer);
                to += 8;
                fill -= 64;
                buffer = fill == 0 ? 0 : value >>> (width - fill);
            }
        }
        LONG_LE.set(target, to, buffer);
    }

    /** {@code target[to + i] = base + value i}; the source must reach {@link #SLACK_BYTES} beyond the packed bytes. */
    static void unpack(byte[] source, int at, int count, int width, long base, long[] target, int to) {
        if (width == 0) {
            java.util.Arrays.fill(target, to, to + count, base);
            return;
        }
        if (width > ONE_LOAD_BITS) {
            unpackWide(source, at, count, width, base, target, to);
            return;
        }
        long mask = mask(width);
        int bit = 0;
        for (int i = to; i < to + count; i++) {
            target[i] = base + (((long) LONG_LE.get(source, at + (bit >>> 3)) >>> (bit & 7)) & mask);
            bit += width;
        }
    }

    private static void unpackWide(byte[] source, int at, int count, int width, long base, long[] target, int to) {
        long mask = mask(width);
        int bit = 0;
        for (int i = to; i < to + count; i++) {
            int from = at + (bit >>> 3);
            int shift = bit & 7;
            long low = (long) LONG_LE.get(source, from) >>> shift;
            long high = shift == 0 ? 0 : (long) source[from + 8] << (64 - shift);
            target[i] = base + ((low | high) & mask);
            bit += width;
        }
    }
}
