package io.tributary.column;

/**
 * Common divisors of the distances from the first value: milliseconds in nanosecond stamps (powers of ten), single
 * precision in the bits of doubles (powers of two). Other divisors are not looked for: they are rare in telemetry.
 */
final class Divisors {
    private static final long[] DECIMAL = {1_000_000_000L, 1_000_000L, 1_000L};
    /** Fewer trailing zero bits are not worth a multiplication per value. */
    private static final int SHIFT_MIN = 4;

    private Divisors() {}

    /** The divisor, or 1. */
    static long common(long[] values, int from, int size) {
        long first = values[from];
        long all = 0;
        for (int i = from; i < from + size; i++) {
            all |= values[i] - first;
        }
        int zeros = Math.min(62, Long.numberOfTrailingZeros(all));
        long best = zeros >= SHIFT_MIN ? 1L << zeros : 1;
        for (long divisor : DECIMAL) {
            if (divisor > best && divides(divisor, values, from, size)) {
                return divisor;
            }
        }
        return best;
    }

    /** Distances from the first value, divided. */
    static long[] divide(long[] values, int from, int size, long divisor) {
        long[] quotients = new long[size];
        for (int i = 0; i < size; i++) {
            quotients[i] = (values[from + i] - values[from]) / divisor;
        }
        return quotients;
    }

    private static boolean divides(long divisor, long[] values, int from, int size) {
        for (int i = from; i < from + size; i++) {
            if ((values[i] - values[from]) % divisor != 0) {
                return false;
            }
        }
        return true;
    }
}
