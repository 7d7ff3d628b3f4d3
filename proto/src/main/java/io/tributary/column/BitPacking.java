package io.tributary.column;

import java.lang.invoke.VarHandle;

/**
 * Unsigned integers of one width, one behind the other in a little-endian bit stream: value {@code i} begins at bit {@code
 * i * width}. Each value is fetched with one unaligned 8-byte load and without branches; up to eight bits wide, eight values
 * are fetched with one, as they begin at a byte.
 */
final class BitPacking {
    /** Widest value that lies within one unaligned 8-byte word whatever bit it begins at. */
    private static final int ONE_LOAD_BITS = 57;
    /** Eight values of so many bits lie within one 8-byte word, which begins at a byte. */
    static final int GROUP_BITS = 8;
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
        int to = at;
        int i = 0;
        if (width <= GROUP_BITS) {
            for (; i <= count - 8; i += 8) {
                long low = (values[i] - base & mask)
                        | (values[i + 1] - base & mask) << width
                        | (values[i + 2] - base & mask) << 2 * width
                        | (values[i + 3] - base & mask) << 3 * width;
                long high = (values[i + 4] - base & mask)
                        | (values[i + 5] - base & mask) << width
                        | (values[i + 6] - base & mask) << 2 * width
                        | (values[i + 7] - base & mask) << 3 * width;
                LONG_LE.set(target, to, low | high << 4 * width);
                to += width;
            }
        }
        long buffer = 0;
        int fill = 0;
        for (; i < count; i++) {
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
        int i = 0;
        if (width <= GROUP_BITS) {
            int from = at;
            for (; i <= count - 8; i += 8) {
                long bits = (long) LONG_LE.get(source, from);
                int place = to + i;
                target[place] = base + (bits & mask);
                target[place + 1] = base + ((bits >>>= width) & mask);
                target[place + 2] = base + ((bits >>>= width) & mask);
                target[place + 3] = base + ((bits >>>= width) & mask);
                target[place + 4] = base + ((bits >>>= width) & mask);
                target[place + 5] = base + ((bits >>>= width) & mask);
                target[place + 6] = base + ((bits >>>= width) & mask);
                target[place + 7] = base + ((bits >>> width) & mask);
                from += width;
            }
        }
        int bit = i * width;
        for (; i < count; i++) {
            target[to + i] = base + (((long) LONG_LE.get(source, at + (bit >>> 3)) >>> (bit & 7)) & mask);
            bit += width;
        }
    }

    /**
     * Sums up as it unpacks: {@code target[to + i] = target[to + i - 1] + base + value i}, as doubles, where the sum before
     * the first is {@code before}. Only for widths of up to {@link #GROUP_BITS} and at least 1.
     *
     * @return the last sum
     */
    static long unpackSums(
            byte[] source, int at, int count, int width, long base, long before, double[] target, int to) {
        long mask = mask(width);
        long sum = before;
        int from = at;
        int i = 0;
        for (; i <= count - 8; i += 8) {
            long bits = (long) LONG_LE.get(source, from);
            int place = to + i;
            target[place] = sum += base + (bits & mask);
            target[place + 1] = sum += base + ((bits >>>= width) & mask);
            target[place + 2] = sum += base + ((bits >>>= width) & mask);
            target[place + 3] = sum += base + ((bits >>>= width) & mask);
            target[place + 4] = sum += base + ((bits >>>= width) & mask);
            target[place + 5] = sum += base + ((bits >>>= width) & mask);
            target[place + 6] = sum += base + ((bits >>>= width) & mask);
            target[place + 7] = sum += base + ((bits >>> width) & mask);
            from += width;
        }
        int bit = i * width;
        for (; i < count; i++) {
            sum += base + (((long) LONG_LE.get(source, at + (bit >>> 3)) >>> (bit & 7)) & mask);
            target[to + i] = sum;
            bit += width;
        }
        return sum;
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
