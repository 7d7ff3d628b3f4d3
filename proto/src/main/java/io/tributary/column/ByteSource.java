package io.tributary.column;

import java.lang.invoke.VarHandle;

/** A bounded cursor over a byte array; little endian. Every read is checked against the end. */
public final class ByteSource {
    private static final VarHandle LONG_LE = ByteSink.LONG_LE;
    private static final VarHandle INT_LE = ByteSink.INT_LE;

    private final byte[] array;
    private final int end;
    private int position;

    public ByteSource(byte[] array) {
        this(array, 0, array.length);
    }

    public ByteSource(byte[] array, int from, int length) {
        java.util.Objects.checkFromIndexSize(from, length, array.length);
        this.array = array;
        this.position = from;
        this.end = from + length;
    }

    /** The whole array under the cursor; bytes outside the bounds belong to others. */
    public byte[] array() {
        return array;
    }

    /** Index of the next byte in {@link #array()}. */
    public int position() {
        return position;
    }

    public int remaining() {
        return end - position;
    }

    public int readByte() throws CorruptColumnException {
        require(1);
        return array[position++] & 0xff;
    }

    public int readInt() throws CorruptColumnException {
        require(4);
        int value = (int) INT_LE.get(array, position);
        position += 4;
        return value;
    }

    public long readLong() throws CorruptColumnException {
        require(8);
        long value = (long) LONG_LE.get(array, position);
        position += 8;
        return value;
    }

    public long readVarint() throws CorruptColumnException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            require(1);
            long b = array[position++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new CorruptColumnException("varint at byte " + position + " is longer than 10 bytes");
    }

    public long readSignedVarint() throws CorruptColumnException {
        long value = readVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A varint that has to lie in {@code [0, max]}: a count or length, checked before anything is allocated for it. */
    public int readCount(String what, int max) throws CorruptColumnException {
        long value = readVarint();
        if (value < 0 || value > max) {
            throw new CorruptColumnException(what + " is " + Long.toUnsignedString(value) + " at byte " + position
                    + ", expected at most " + max);
        }
        return (int) value;
    }

    /** Moves over {@code length} bytes and returns the index in {@link #array()} where they begin. */
    public int skip(int length) throws CorruptColumnException {
        require(length);
        int from = position;
        position += length;
        return from;
    }

    /** A source over the next {@code length} bytes, over which this one moves. */
    public ByteSource slice(int length) throws CorruptColumnException {
        return new ByteSource(array, skip(length), length);
    }

    /** @throws CorruptColumnException when bytes are left over */
    public void expectEnd() throws CorruptColumnException {
        if (position != end) {
            throw new CorruptColumnException((end - position) + " bytes are left over at byte " + position);
        }
    }

    private void require(int length) throws CorruptColumnException {
        if (length < 0 || length > end - position) {
            throw new CorruptColumnException(
                    length + " bytes needed at byte " + position + ", expected at most " + (end - position));
        }
    }
}
