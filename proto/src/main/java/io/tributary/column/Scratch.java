package io.tributary.column;

/**
 * Memory of an encoder from column to column: as new arrays, of 14 bytes per value, it took the processor's caches away from
 * the columns themselves. Belongs to a {@link ByteSink}; not thread-safe.
 */
final class Scratch {
    /** A longer column gets integers of its own, so that a sink that lives on holds some 40 KiB at most. */
    private static final int KEPT = 4096;

    /** One for all columns, as none is encoded inside of another. */
    final PackedEncoder packed = new PackedEncoder();

    /** Of one block. */
    final double[] shifted = new double[PackedEncoder.BLOCK];

    final double[] back = new double[PackedEncoder.BLOCK];
    private long[] integers = {};

    /** At least so many, which whoever asks next gets, too. */
    long[] integers(int size) {
        if (size > KEPT) {
            return new long[size];
        }
        if (integers.length < size) {
            integers = new long[Math.max(size, Math.min(KEPT, 2 * integers.length))];
        }
        return integers;
    }
}
