package io.tributary.http;

/**
 * Decimal digits of numbers that are not negative, two at a time, by divisions of ints: a number of 17 digits is split into
 * parts first, as each division of a long waits for the one before.
 */
final class Digits {
    private static final int EIGHT = 100_000_000;
    /** 00 to 99. */
    private static final byte[] PAIRS = pairs();

    private static final long[] TENS = tens();

    private Digits() {}

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }

    private static long[] tens() {
        long[] tens = new long[19];
        tens[0] = 1;
        for (int i = 1; i < tens.length; i++) {
            tens[i] = tens[i - 1] * 10;
        }
        return tens;
    }

    /** How many digits a number has; 1 for 0. */
    static int count(long value) {
        // 1233 / 4096 is a little more than log10(2): at most one too many.
        int most = (64 - Long.numberOfLeadingZeros(value | 1)) * 1233 >> 12;
        return most < 19 && value >= TENS[most] ? most + 1 : Math.max(1, most);
    }

    /**
     * The last {@code length} digits, zeros in front.
     *
     * @return the index behind them
     */
    static int write(long value, int length, byte[] to, int at) {
        int end = at + length;
        int left = length;
        long rest = value;
        while (left > 8) {
            long above = rest / EIGHT;
            write8((int) (rest - above * EIGHT), to, at + left - 8);
            rest = above;
            left -= 8;
        }
        int small = (int) (rest < EIGHT ? rest : rest % EIGHT);
        int i = at + left;
        for (; i - at >= 2; i -= 2) {
            int above = small / 100;
            int pair = (small - above * 100) * 2;
            to[i - 2] = PAIRS[pair];
            to[i - 1] = PAIRS[pair + 1];
            small = above;
        }
        if (i > at) {
            to[at] = (byte) ('0' + small % 10);
        }
        return end;
    }

    private static void write8(int value, byte[] to, int at) {
        int high = value / 10_000;
        int low = value - high * 10_000;
        write4(high, to, at);
        write4(low, to, at + 4);
    }

    private static void write4(int value, byte[] to, int at) {
        int high = value / 100;
        int low = value - high * 100;
        to[at] = PAIRS[2 * high];
        to[at + 1] = PAIRS[2 * high + 1];
        to[at + 2] = PAIRS[2 * low];
        to[at + 3] = PAIRS[2 * low + 1];
    }
}
