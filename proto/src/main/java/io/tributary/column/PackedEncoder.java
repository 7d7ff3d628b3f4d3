package io.tributary.column;

import java.util.Arrays;

/**
 * Writes long columns as packed blocks of values, of differences, or of differences of differences ("order" 0, 1, 2),
 * see FORMAT.md. All arithmetic wraps around, so that any sequence of longs, bits of doubles too, survives.
 */
final class PackedEncoder {
    /**
     * Values per block. Every block has a width and a base of its own: small blocks follow changes of the signal, large
     * ones cost fewer headers. 128 and 512 were both larger on the fleet data.
     */
    static final int BLOCK = 256;

    static final int PATCHED = 0x80;
    private static final int SAMPLES = 32;
    /** Samples at either end that are taken for outliers. */
    private static final int TRIM = 3;
    /** Windows over which the order is chosen. */
    private static final int WINDOWS = 4;

    private static final int WINDOW = 64;

    private final long[] residuals = new long[BLOCK];
    private final long[] samples = new long[SAMPLES];
    /** Made for the first block that has exceptions: most columns have none. */
    private long[] highs = {};

    private final int[] histogram = new int[65];
    /** Width and base of the block being written. */
    private int width;

    private long base;
    private boolean patched;

    /**
     * Order that needs the fewest bits over a few windows of the column; the lower one on a tie.
     *
     * @param bitsOfOrders takes the {@link #sampledBits} of each, 3 of them
     */
    static int chooseOrder(long[] values, int from, int size, long[] bitsOfOrders) {
        int best = 0;
        for (int order = 0; order <= 2 && order < size; order++) {
            bitsOfOrders[order] = sampledBits(values, from, size, order);
            best = bitsOfOrders[order] < bitsOfOrders[best] ? order : best;
        }
        return best;
    }

    /** Sum over windows of values times width of the residuals. */
    static long sampledBits(long[] values, int from, int size, int order) {
        int windows = size <= WINDOWS * WINDOW ? (size + WINDOW - 1) / WINDOW : WINDOWS;
        long bits = 0;
        for (int w = 0; w < windows; w++) {
            int start = size <= WINDOWS * WINDOW ? w * WINDOW : (int) ((size - WINDOW) * (long) w / (WINDOWS - 1));
            int end = from + Math.min(size, start + WINDOW);
            int first = from + Math.max(start, order);
            if (first < end) {
                long span = switch (order) {
                    case 0 -> span(values, first, end);
                    case 1 -> deltaSpan(values, first, end);
                    default -> secondDeltaSpan(values, first, end);
                };
                bits += (long) BitPacking.width(span) * (end - from - start);
            }
        }
        return bits;
    }

    // A loop per order: with one loop and a choice inside, choosing cost as much as packing.

    private static long span(long[] values, int from, int end) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = from; i < end; i++) {
            min = Math.min(min, values[i]);
            max = Math.max(max, values[i]);
        }
        return max - min;
    }

    private static long deltaSpan(long[] values, int from, int end) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = from; i < end; i++) {
            long residual = values[i] - values[i - 1];
            min = Math.min(min, residual);
            max = Math.max(max, residual);
        }
        return max - min;
    }

    private static long secondDeltaSpan(long[] values, int from, int end) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = from; i < end; i++) {
            long residual = values[i] - 2 * values[i - 1] + values[i - 2];
            min = Math.min(min, residual);
            max = Math.max(max, residual);
        }
        return max - min;
    }

    /** Writes everything behind the encoding ID. */
    void encode(long[] values, int from, int size, int order, ByteSink out) {
        long previous = 0;
        long delta = 0;
        if (order == 1) { // a virtual value before the first, so that the first residual is like the second
            previous = 2 * values[from] - values[from + 1];
            out.writeSignedVarint(previous);
        } else if (order == 2) {
            long residual = values[from + 2] - 2 * values[from + 1] + values[from];
            long first = values[from + 1] - values[from] - residual;
            delta = first - residual;
            previous = values[from] - first;
            out.writeSignedVarint(previous);
            out.writeSignedVarint(delta);
        }
        for (int at = 0; at < size; at += BLOCK) {
            int count = Math.min(BLOCK, size - at);
            switch (order) {
                case 0 -> System.arraycopy(values, from + at, residuals, 0, count);
                case 1 -> previous = differences(values, from + at, count, previous);
                default -> {
                    long last = previous;
                    previous = differences(values, from + at, count, last);
                    delta = differences(residuals, 0, count, delta);
                }
            }
            encodeBlock(count, out);
        }
    }

    /** Fills the residuals and returns the last of {@code values}; they may be the residuals themselves. */
    private long differences(long[] values, int from, int count, long before) {
        long previous = before;
        for (int i = 0; i < count; i++) {
            long value = values[from + i];
            residuals[i] = value - previous;
            previous = value;
        }
        return previous;
    }

    private void encodeBlock(int count, ByteSink out) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < count; i++) {
            min = Math.min(min, residuals[i]);
            max = Math.max(max, residuals[i]);
        }
        base = min;
        width = BitPacking.width(max - min);
        patched = false;
        if (width > 1 && count >= SAMPLES) {
            considerPatching(count);
        }
        out.writeByte(width | (patched ? PATCHED : 0));
        out.writeSignedVarint(base);
        if (patched) {
            writeExceptions(count, out);
        }
        int bytes = BitPacking.bytes(count, width);
        out.ensure(bytes + BitPacking.SLACK_BYTES);
        int at = out.reserve(bytes);
        if (width > 0) {
            BitPacking.pack(residuals, count, base, width, out.array(), at);
        }
    }

    /**
     * Narrows width and base when a few outliers make the block wide. A look at trimmed samples rules most blocks out;
     * only then are all values counted by their distance from the median sample.
     */
    private void considerPatching(int count) {
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = residuals[(int) ((long) i * count / SAMPLES)];
        }
        if (BitPacking.width(trimmedSpan()) + 1 >= width) {
            return;
        }
        Arrays.sort(samples);
        long center = samples[SAMPLES / 2];
        Arrays.fill(histogram, 0);
        int widest = 0;
        for (int i = 0; i < count; i++) {
            int bits = BitPacking.width(zigzag(residuals[i] - center));
            histogram[bits]++;
            widest = Math.max(widest, bits);
        }
        int best = width;
        long bestBits = (long) count * width;
        int exceptions = count;
        for (int w = 0; w < width; w++) {
            exceptions -= histogram[w];
            long bits = (long) count * w + exceptions * (8L + widest) + 16;
            if (bits < bestBits) {
                best = w;
                bestBits = bits;
            }
        }
        if (best < width) {
            width = best;
            base = best == 0 ? center : center - (1L << (best - 1));
            patched = true;
        }
    }

    /** From the fourth smallest to the fourth largest sample; sorting them all is needed for few blocks only. */
    private long trimmedSpan() {
        long[] low = new long[TRIM + 1];
        long[] high = new long[TRIM + 1];
        Arrays.fill(low, Long.MAX_VALUE);
        Arrays.fill(high, Long.MIN_VALUE);
        for (int i = 0; i < SAMPLES; i++) {
            long sample = samples[i];
            if (sample < low[TRIM]) {
                int at = TRIM;
                for (; at > 0 && sample < low[at - 1]; at--) {
                    low[at] = low[at - 1];
                }
                low[at] = sample;
            }
            if (sample > high[TRIM]) {
                int at = TRIM;
                for (; at > 0 && sample > high[at - 1]; at--) {
                    high[at] = high[at - 1];
                }
                high[at] = sample;
            }
        }
        return high[TRIM] - low[TRIM];
    }

    /** Count, width, positions and packed zigzag distances from the base. */
    private void writeExceptions(int count, ByteSink out) {
        if (highs.length == 0) {
            highs = new long[BLOCK];
        }
        int countAt = out.reserve(2);
        int exceptions = 0;
        long all = 0;
        for (int i = 0; i < count; i++) {
            long distance = residuals[i] - base;
            if ((distance & ~BitPacking.mask(width)) != 0) {
                highs[exceptions++] = zigzag(distance);
                all |= highs[exceptions - 1];
                out.writeByte(i);
            }
        }
        int highWidth = BitPacking.width(all);
        out.array()[countAt] = (byte) exceptions;
        out.array()[countAt + 1] = (byte) highWidth;
        int bytes = BitPacking.bytes(exceptions, highWidth);
        out.ensure(bytes + BitPacking.SLACK_BYTES);
        BitPacking.pack(highs, exceptions, 0, highWidth, out.array(), out.reserve(bytes));
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }
}
