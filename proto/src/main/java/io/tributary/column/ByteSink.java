package io.tributary.column;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A growing byte array written from front to back; little endian. Not thread-safe; meant to be reused. */
public final class ByteSink {
    static final VarHandle LONG_LE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT_LE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array;
    private int position;
    private @Nullable Scratch scratch;

    public ByteSink() {
        this(1024);
    }

    public ByteSink(int capacity) {
        array = new byte[capacity];
    }

    /** For whoever encodes columns into this. */
    Scratch scratch() {
        Scratch made = scratch;
        if (made == null) {
            made = new Scratch();
            scratch = made;
        }
        return made;
    }

    /** Bytes written. */
    public int size() {
        return position;
    }

    /** The backing array, valid up to {@link #size()} and until the next write. */
    public byte[] array() {
        return array;
    }

    /** Forgets what was written, keeps the memory. */
    public void clear() {
        position = 0;
    }

    /** Forgets everything after the first {@code size} bytes. */
    public void truncate(int size) {
        if (size < 0 || size > position) {
            throw new IllegalArgumentException("truncate to " + size + " of " + position + " bytes");
        }
        position = size;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(array, position);
    }

    public void writeByte(int value) {
        ensure(1);
        array[position++] = (byte) value;
    }

    public void writeInt(int value) {
        ensure(4);
        INT_LE.set(array, position, value);
        position += 4;
    }

    public void writeLong(long value) {
        ensure(8);
        LONG_LE.set(array, position, value);
        position += 8;
    }

    /** LEB128, as protobuf's varint: 1 to 10 bytes, small unsigned values shortest. */
    public void writeVarint(long value) {
        ensure(10);
        while ((value & ~0x7fL) != 0) {
            array[position++] = (byte) (value | 0x80);
            value >>>= 7;
        }
        array[position++] = (byte) value;
    }

    /** Varint of the zigzag form: small magnitudes shortest. */
    public void writeSignedVarint(long value) {
        writeVarint((value << 1) ^ (value >> 63));
    }

    public void writeBytes(byte[] bytes) {
        writeBytes(bytes, 0, bytes.length);
    }

    public void writeBytes(byte[] bytes, int from, int length) {
        ensure(length);
        System.arraycopy(bytes, from, array, position, length);
        position += length;
    }

    /** Everything that another sink holds. */
    public void writeBytes(ByteSink other) {
        writeBytes(other.array, 0, other.position);
    }

    /** Makes room and returns where it begins; the caller fills it through {@link #array()}. */
    public int reserve(int length) {
        ensure(length);
        int from = position;
        position += length;
        return from;
    }

    /** Room for {@code length} more bytes without another copy of the array. */
    public void ensure(int length) {
        int needed = Math.addExact(position, length);
        if (needed > array.length) {
            array = Arrays.copyOf(array, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 16, array.length * 2L)));
        }
    }
}
