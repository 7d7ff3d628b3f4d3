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
     * @param bitsOfOrders takes the {@link #sampleBits} of each, 3 of them
     */
    static int chooseOrder(long[] values, int from, int size, long[] bitsOfOrders) {
        int windows = size <= WINDOWS * WINDOW ? (size + WINDOW - 1) / WINDOW : WINDOWS;
        Arrays.fill(bitsOfOrders, 0);
        for (int w = 0; w < windows; w++) {
            int start = size <= WINDOWS * WINDOW ? w * WINDOW : (int) ((size - WINDOW) * (long) w / (WINDOWS - 1));
            sampleBits(values, from, start, Math.min(size, start + WINDOW), bitsOfOrders);
        }
        int best = 0;
        for (int order = 1; order <= 2 && order < size; order++) {
            best = bitsOfOrders[order] < bitsOfOrders[best] ? order : best;
        }
        return best;
    }

    /** Adds values of a window times width of the residuals, for each order; in one loop, whose chains overlap. */
    private static void sampleBits(long[] values, int from, int start, int end, long[] bitsOfOrders) {
        int first = from + Math.max(start, 2);
        long least0 = Long.MAX_VALUE;
        long most0 = Long.MIN_VALUE;
        long least1 = Long.MAX_VALUE;
        long most1 = Long.MIN_VALUE;
        long least2 = Long.MAX_VALUE;
        long most2 = Long.MIN_VALUE;
        for (int i = from + start; i < Math.min(first, from + end); i++) { // the column's first two
            least0 = Math.min(least0, values[i]);
            most0 = Math.max(most0, values[i]);
            if (i > from) {
                least1 = values[i] - values[i - 1];
                most1 = least1;
            }
        }
        if (first < from + end) {
            long before = values[first - 1];
            long delta = before - values[first - 2];
            for (int i = first; i < from + end; i++) {
                long value = values[i];
                long step = value - before;
                long change = step - delta;
                least0 = Math.min(least0, value);
                most0 = Math.max(most0, value);
                least1 = Math.min(least1, step);
                most1 = Math.max(most1, step);
                least2 = Math.min(least2, change);
                most2 = Math.max(most2, change);
                before = value;
                delta = step;
            }
        }
        int count = end - start;
        bitsOfOrders[0] += (long) BitPacking.width(most0 - least0) * count;
        bitsOfOrders[1] += least1 > most1 ? 0 : (long) BitPacking.width(most1 - least1) * count;
        bitsOfOrders[2] += least2 > most2 ? 0 : (long) BitPacking.width(most2 - least2) * count;
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
                case 0 -> {
                    System.arraycopy(values, from + at, residuals, 0, count);
                    measure(count);
                }
                case 1 -> previous = measureDifferences(values, from + at, count, previous);
                default -> {
                    previous = differences(values, from + at, count, previous);
                    delta = differencesAgain(count, delta);
                    measure(count);
                }
            }
            encodeBlock(count, out);
        }
    }

    /** Fills the residuals and returns the last of {@code values}, which are not the residuals. */
    private long differences(long[] values, int from, int count, long before) {
        residuals[0] = values[from] - before;
        for (int i = 1; i < count; i++) {
            residuals[i] = values[from + i] - values[from + i - 1];
        }
        return values[from + count - 1];
    }

    /** Differences of the residuals themselves, in their place; returns the last before. */
    private long differencesAgain(int count, long before) {
        long previous = before;
        for (int i = 0; i < count; i++) {
            long value = residuals[i];
            residuals[i] = value - previous;
            previous = value;
        }
        return previous;
    }

    /** Finds base and width that all residuals fit: in four lanes, as a comparison waits for the one before. */
    private void measure(int count) {
        long least0 = residuals[0];
        long most0 = least0;
        long least1 = least0;
        long most1 = least0;
        long least2 = least0;
        long most2 = least0;
        long least3 = least0;
        long most3 = least0;
        int i = 0;
        for (; i <= count - 4; i += 4) {
            least0 = Math.min(least0, residuals[i]);
            most0 = Math.max(most0, residuals[i]);
            least1 = Math.min(least1, residuals[i + 1]);
            most1 = Math.max(most1, residuals[i + 1]);
            least2 = Math.min(least2, residuals[i + 2]);
            most2 = Math.max(most2, residuals[i + 2]);
            least3 = Math.min(least3, residuals[i + 3]);
            most3 = Math.max(most3, residuals[i + 3]);
        }
        for (; i < count; i++) {
            least0 = Math.min(least0, residuals[i]);
            most0 = Math.max(most0, residuals[i]);
        }
        base = Math.min(Math.min(least0, least1), Math.min(least2, least3));
        width = BitPacking.width(Math.max(Math.max(most0, most1), Math.max(most2, most3)) - base);
    }

    /** {@link #differences} and {@link #measure} in one pass. */
    private long measureDifferences(long[] values, int from, int count, long before) {
        long first = values[from] - before;
        residuals[0] = first;
        long least0 = first;
        long most0 = first;
        long least1 = first;
        long most1 = first;
        int i = 1;
        for (; i <= count - 2; i += 2) {
            long even = values[from + i] - values[from + i - 1];
            long odd = values[from + i + 1] - values[from + i];
            residuals[i] = even;
            residuals[i + 1] = odd;
            least0 = Math.min(least0, even);
            most0 = Math.max(most0, even);
            least1 = Math.min(least1, odd);
            most1 = Math.max(most1, odd);
        }
        if (i < count) {
            long last = values[from + i] - values[from + i - 1];
            residuals[i] = last;
            least0 = Math.min(least0, last);
            most0 = Math.max(most0, last);
        }
        base = Math.min(least0, least1);
        width = BitPacking.width(Math.max(most0, most1) - base);
        return values[from + count - 1];
    }

    private void encodeBlock(int count, ByteSink out) {
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
