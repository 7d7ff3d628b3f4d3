package io.tributary.column;

/** Size of unencoded 8-byte values. */
final class RawBytes {
    private RawBytes() {}

    static int of(int size) throws CorruptColumnException {
        if (size > Integer.MAX_VALUE / 8) {
            throw new CorruptColumnException("raw column of " + size + " values does not fit an array of bytes");
        }
        return size * 8;
    }
}
