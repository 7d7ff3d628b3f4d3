package io.tributary.column;

import org.jspecify.annotations.Nullable;

/**
 * Doubles that are decimal numbers with few digits, as integers: 20.55 is 2055 with exponent 2. A division by a power of
 * ten up to 10^22 is correctly rounded and so is reading the decimal text, hence {@code integer / 10^exponent} gives the
 * very double that a parser gave; every value is verified bit for bit all the same, and what differs (-0.0, NaN,
 * infinities, more digits) becomes an exception.
 */
final class Decimals {
    static final int EXPONENT_MAX = 18;
    /** Beyond it doubles are too far apart for an integer each. */
    private static final double INTEGER_MAX = 0x1p53;

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18
    };

    private static final long[] NONE = {};
    private static final int SAMPLES = 32;
    /** A column with more full-precision samples than this is not decimal. */
    private static final int FAILED_SAMPLES_MAX = 2;
    /** One in so many values may be an exception. */
    private static final int EXCEPTION_SHARE = 16;
    /** The raw bits and a position. */
    private static final int EXCEPTION_BITS = 74;

    private static final double BITS_PER_DIGIT = 3.33;

    private static final int ATTEMPTS = 3;
    /** Whole doubles up to it come back from a long. */
    private static final double LONG_MAX = 0x1p63;

    /** Added to a double below 2^51 it leaves the nearest whole number, half to even, in the low bits of the sum. */
    private static final double SHIFT = 0x1.8p52;

    private static final long SHIFT_BITS = Double.doubleToRawLongBits(SHIFT);
    private static final long SHIFTED_MAX = 1L << 51;

    private static final int BLOCK = PackedEncoder.BLOCK;

    private Decimals() {}

    static double power(int exponent) {
        return POWERS[exponent];
    }

    /**
     * A column as integers; at the position of an exception stands the integer before it.
     *
     * @param values may be longer than the column; those of the scratch memory that was given
     */
    record Integers(int exponent, long[] values, int[] exceptions) {}

    /** Null when the column is not decimal. */
    static @Nullable Integers of(double[] values, int from, int size, Scratch scratch) {
        int exponent = sampledExponent(values, from, size);
        long[] integers = exponent < 0 ? NONE : scratch.integers(size);
        for (int attempt = 0; attempt < ATTEMPTS && exponent >= 0; attempt++) {
            int failed = convert(values, from, size, exponent, integers, scratch);
            if (failed == 0) {
                return new Integers(exponent, integers, new int[0]);
            }
            int higher = higherExponent(values, from, size, exponent);
            long digitBits = (long) ((higher - exponent) * BITS_PER_DIGIT * size);
            if (higher < 0 || digitBits > (long) failed * EXCEPTION_BITS) {
                return failed > Math.max(1, size / EXCEPTION_SHARE)
                        ? null
                        : new Integers(exponent, integers, takeOut(values, from, size, exponent, integers, failed));
            }
            exponent = higher;
        }
        return null;
    }

    /** The least exponent from {@code least} on that represents the value; -1 when there is none. */
    static int exponentOf(double value, int least) {
        for (int exponent = least; exponent <= EXPONENT_MAX; exponent++) {
            double scaled = Math.rint(value * POWERS[exponent]);
            if (!(Math.abs(scaled) <= INTEGER_MAX)) {
                return -1;
            }
            if (same(scaled, exponent, value)) {
                return exponent;
            }
        }
        return -1;
    }

    private static int sampledExponent(double[] values, int from, int size) {
        int samples = Math.min(size, SAMPLES);
        int exponent = 0;
        int failed = 0;
        for (int i = 0; i < samples; i++) {
            double value = values[from + (int) ((long) i * size / samples)];
            int needed = exponentOf(value, exponent);
            if (needed >= 0) {
                exponent = needed;
            } else if (isFinite(value) && ++failed > FAILED_SAMPLES_MAX) {
                return -1;
            }
        }
        return exponent;
    }

    /** Infinities, NaN and -0.0 say nothing about the digits of the others. */
    private static boolean isFinite(double value) {
        return value != 0 && Math.abs(value) <= Double.MAX_VALUE;
    }

    /**
     * Fills the integers and returns how many values they do not give back. Block by block, in passes that multiply and
     * round, and divide, which become vector instructions as nothing else is done in them, and one that takes the integers and ends when
     * anything is wrong with one of them; nearly always there is nothing.
     */
    private static int convert(double[] values, int from, int size, int exponent, long[] integers, Scratch scratch) {
        double power = POWERS[exponent];
        double[] shifted = scratch.shifted;
        double[] back = scratch.back;
        int failed = 0;
        for (int at = 0; at < size; at += BLOCK) {
            int count = Math.min(BLOCK, size - at);
            scale(values, from + at, count, power, shifted);
            divide(shifted, count, power, back);
            if (!take(values, from + at, count, shifted, back, integers, at)) {
                failed += takeOneByOne(values, from + at, count, power, integers, at);
            }
        }
        return failed;
    }

    /** Multiplies and rounds by adding {@link #SHIFT}. */
    private static void scale(double[] values, int from, int count, double power, double[] shifted) {
        for (int i = 0; i < count; i++) {
            shifted[i] = values[from + i] * power + SHIFT;
        }
    }

    /** The whole numbers divided again; 0.0 for -0.0. */
    private static void divide(double[] shifted, int count, double power, double[] back) {
        for (int i = 0; i < count; i++) {
            back[i] = (shifted[i] - SHIFT) / power;
        }
    }

    /** @return whether every value is given back, by an integer of at most 51 bits */
    private static boolean take(
            double[] values, int from, int count, double[] shifted, double[] back, long[] integers, int at) {
        long beyond = 0;
        for (int i = 0; i < count; i++) {
            long integer = Double.doubleToRawLongBits(shifted[i]) - SHIFT_BITS;
            integers[at + i] = integer;
            // What does not fit, infinite or not a number has a bit above the 52 that fitting ones have then.
            beyond |= integer + SHIFTED_MAX;
            double value = values[from + i];
            // Compared as numbers, which is quicker than as bits and leaves -0.0 to be told from 0.0.
            if (back[i] != value || integer == 0 && Double.doubleToRawLongBits(value) != 0) {
                return false;
            }
        }
        return beyond >>> 52 == 0;
    }

    private static int takeOneByOne(double[] values, int from, int count, double power, long[] integers, int at) {
        int failed = 0;
        for (int i = 0; i < count; i++) {
            double whole = Math.rint(values[from + i] * power) + 0.0;
            integers[at + i] = (long) whole;
            boolean same = Double.doubleToRawLongBits(whole / power) == Double.doubleToRawLongBits(values[from + i]);
            // NaN is itself, and is no whole number.
            failed += same & Math.abs(whole) <= LONG_MAX ? 0 : 1;
        }
        return failed;
    }

    /** An exponent above {@code exponent} that represents a value which it does not; -1 when none does. */
    private static int higherExponent(double[] values, int from, int size, int exponent) {
        int higher = -1;
        int tried = 0;
        for (int i = from; i < from + size && tried < SAMPLES; i++) {
            if (!same(Math.rint(values[i] * POWERS[exponent]), exponent, values[i])) {
                tried++;
                higher = Math.max(higher, exponentOf(values[i], Math.max(higher, exponent + 1)));
            }
        }
        return higher;
    }

    private static int[] takeOut(double[] values, int from, int size, int exponent, long[] integers, int failed) {
        int[] exceptions = new int[failed];
        int next = 0;
        for (int i = 0; i < size && next < failed; i++) {
            if (!same(integers[i], exponent, values[from + i])) {
                exceptions[next++] = i;
                integers[i] = i == 0 ? 0 : integers[i - 1];
            }
        }
        return exceptions;
    }

    private static boolean same(double integer, int exponent, double value) {
        return Double.doubleToRawLongBits((long) integer / POWERS[exponent]) == Double.doubleToRawLongBits(value);
    }
}
