package io.tributary.http;

import java.math.BigInteger;

/**
 * The shortest decimal that reads back as a double, straight into bytes: Schubfach, by Raffaello Giulietti, "The Schubfach
 * way to render doubles", 2022, sections 9 and 10, in the form that OpenJDK has since version 19. Of several shortest
 * ones the nearest.
 */
final class ShortestDouble {
    /** The most that {@link #write} writes. */
    static final int BYTES_MAX = 25;

    private static final int PRECISION = 53;
    private static final int Q_MIN = -1074;
    private static final int EXPONENT_MASK = (1 << 11) - 1;
    private static final long C_MIN = 1L << (PRECISION - 1);
    private static final long C_TINY = 3;
    private static final int K_MIN = -324;
    private static final int K_MAX = 292;
    private static final long MASK_63 = (1L << 63) - 1;
    /** {@code floor(10^-k * 2^-r) + 1} with 126 bits, as two halves of 63. */
    private static final long[] G = powers();

    private static final long[] TENS = tens();

    private ShortestDouble() {}

    private static long[] tens() {
        long[] tens = new long[19];
        tens[0] = 1;
        for (int i = 1; i < tens.length; i++) {
            tens[i] = tens[i - 1] * 10;
        }
        return tens;
    }

    private static long[] powers() {
        long[] g = new long[2 * (K_MAX - K_MIN + 1)];
        for (int k = K_MIN; k <= K_MAX; k++) {
            int r = floorLog2Pow10(-k) - 125;
            BigInteger power = BigInteger.TEN.pow(Math.abs(k));
            BigInteger numerator = k <= 0 ? power : BigInteger.ONE;
            BigInteger denominator = k <= 0 ? BigInteger.ONE : power;
            if (r <= 0) {
                numerator = numerator.shiftLeft(-r);
            } else {
                denominator = denominator.shiftLeft(r);
            }
            BigInteger value = numerator.divide(denominator).add(BigInteger.ONE);
            g[2 * (k - K_MIN)] = value.shiftRight(63).longValueExact();
            g[2 * (k - K_MIN) + 1] = value.longValue() & MASK_63;
        }
        return g;
    }

    private static int floorLog10Pow2(int e) {
        return (int) (e * 661_971_961_083L >> 41);
    }

    private static int floorLog10ThreeQuartersPow2(int e) {
        return (int) (e * 661_971_961_083L - 274_743_187_321L >> 41);
    }

    private static int floorLog2Pow10(int e) {
        return (int) (e * 913_124_641_741L >> 38);
    }

    /**
     * @param value finite
     * @param to has room for {@link #BYTES_MAX}
     * @return the index behind what was written
     */
    static int write(double value, byte[] to, int at) {
        long bits = Double.doubleToRawLongBits(value);
        int out = at;
        if (bits < 0) {
            to[out++] = '-';
        }
        long fraction = bits & C_MIN - 1;
        int exponent = (int) (bits >>> PRECISION - 1) & EXPONENT_MASK;
        if (exponent == 0) {
            if (fraction == 0) {
                return digits(0, 0, to, out);
            }
            return fraction < C_TINY
                    ? decimal(Q_MIN, 10 * fraction, -1, to, out)
                    : decimal(Q_MIN, fraction, 0, to, out);
        }
        int shift = 1 - Q_MIN - exponent;
        long significand = C_MIN | fraction;
        if (0 < shift && shift < PRECISION && significand >> shift << shift == significand) {
            return digits(significand >> shift, 0, to, out);
        }
        return decimal(-shift, significand, 0, to, out);
    }

    private static int decimal(int q, long c, int dk, byte[] to, int at) {
        int odd = (int) c & 1;
        long cb = c << 2;
        long cbr = cb + 2;
        boolean regular = c != C_MIN || q == Q_MIN;
        long cbl = regular ? cb - 2 : cb - 1;
        int k = regular ? floorLog10Pow2(q) : floorLog10ThreeQuartersPow2(q);
        int h = q + floorLog2Pow10(-k) + 2;
        long g1 = G[2 * (k - K_MIN)];
        long g0 = G[2 * (k - K_MIN) + 1];
        long vb = roundToOdd(g1, g0, cb << h);
        long vbl = roundToOdd(g1, g0, cbl << h);
        long vbr = roundToOdd(g1, g0, cbr << h);
        long s = vb >> 2;
        if (s >= 100) {
            long below = s / 10 * 10;
            long above = below + 10;
            boolean belowIn = vbl + odd <= below << 2;
            boolean aboveIn = (above << 2) + odd <= vbr;
            if (belowIn != aboveIn) {
                return digits(belowIn ? below : above, k + dk, to, at);
            }
        }
        long t = s + 1;
        boolean sIn = vbl + odd <= s << 2;
        boolean tIn = (t << 2) + odd <= vbr;
        if (sIn != tIn) {
            return digits(sIn ? s : t, k + dk, to, at);
        }
        long order = vb - (s + t << 1);
        return digits(order < 0 || order == 0 && (s & 1) == 0 ? s : t, k + dk, to, at);
    }

    private static long roundToOdd(long g1, long g0, long cp) {
        long x1 = Math.multiplyHigh(g0, cp);
        long y0 = g1 * cp;
        long y1 = Math.multiplyHigh(g1, cp);
        long z = (y0 >>> 1) + x1;
        long w = y1 + (z >>> 63);
        return w | (z & MASK_63) + MASK_63 >>> 63;
    }

    /** Writes {@code f * 10^e} as {@link Double#toString} does: plain from 1e-3 to below 1e7, else with an exponent. */
    private static int digits(long f, int e, byte[] to, int at) {
        long significant = f;
        int exponent = e;
        while (significant != 0 && significant % 10 == 0) {
            significant /= 10;
            exponent++;
        }
        int length = Digits.count(significant);
        if (significant == 0) {
            exponent = 0;
        }
        // The point stands behind so many digits.
        int point = length + exponent;
        if (point > 7 || point < -2) {
            return scientific(significant, length, point - 1, to, at);
        }
        int out = at;
        if (point <= 0) {
            to[out++] = '0';
            to[out++] = '.';
            for (int i = point; i < 0; i++) {
                to[out++] = '0';
            }
            return Digits.write(significant, length, to, out);
        }
        if (exponent >= 0) {
            out = Digits.write(significant, length, to, out);
            for (int i = 0; i < exponent; i++) {
                to[out++] = '0';
            }
            to[out++] = '.';
            to[out++] = '0';
            return out;
        }
        long power = TENS[-exponent];
        out = Digits.write(significant / power, point, to, out);
        to[out++] = '.';
        return Digits.write(significant % power, -exponent, to, out);
    }

    private static int scientific(long significant, int length, int exponent, byte[] to, int at) {
        long power = TENS[length - 1];
        int out = Digits.write(significant / power, 1, to, at);
        to[out++] = '.';
        out = length == 1 ? Digits.write(0, 1, to, out) : Digits.write(significant % power, length - 1, to, out);
        to[out++] = 'E';
        int magnitude = exponent;
        if (exponent < 0) {
            to[out++] = '-';
            magnitude = -exponent;
        }
        return Digits.write(magnitude, magnitude >= 100 ? 3 : magnitude >= 10 ? 2 : 1, to, out);
    }
}
