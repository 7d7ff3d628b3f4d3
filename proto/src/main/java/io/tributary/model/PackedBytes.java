package io.tributary.model;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;

/**
 * Bytes that rest, compressed: their length as a varint, then a zstd frame. For texts, which an encoded column holds as
 * they are; packed numbers have no redundancy that zstd sees. Any thread.
 */
public final class PackedBytes {
    /** Of the plain bytes; bounds what a few hostile bytes can allocate. */
    public static final int PLAIN_BYTES_MAX = 16 << 20;
    /** Shorter ones gain less than the frame costs. */
    public static final int PLAIN_BYTES_MIN = 256;

    /** Written once, read often: level 3 is the smallest that finds repetitions of texts across a column. */
    private static final int LEVEL = 3;
    /** Packed only when at least 1/8 smaller; less does not pay for opening them at every read. */
    private static final int WORTH_SHIFT = 3;

    private PackedBytes() {}

    /**
     * Packs what {@code out} holds from {@code at} on, in place, when that pays.
     *
     * @return whether it did; otherwise {@code out} is as it was
     */
    public static boolean pack(ByteSink out, int at) {
        int length = out.size() - at;
        if (length < PLAIN_BYTES_MIN || length > PLAIN_BYTES_MAX) {
            return false;
        }
        byte[] frame = new byte[(int) Zstd.compressBound(length)];
        long packed = Zstd.compressByteArray(frame, 0, frame.length, out.array(), at, length, LEVEL);
        if (Zstd.isError(packed) || packed > length - (length >> WORTH_SHIFT)) {
            return false;
        }
        out.truncate(at);
        out.writeVarint(length);
        out.writeBytes(frame, 0, (int) packed);
        return true;
    }

    /**
     * Opens all that is left of {@code in}. What it would take is checked before it is allocated.
     *
     * @throws CorruptColumnException when that is no packed bytes, or more than {@link #PLAIN_BYTES_MAX}
     */
    public static ByteSource open(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("plain bytes", PLAIN_BYTES_MAX);
        int packed = in.remaining();
        if (packed == 0) {
            throw new CorruptColumnException("packed bytes without a frame");
        }
        int at = in.skip(packed);
        long told = Zstd.getFrameContentSize(in.array(), at, packed);
        if (told != length) {
            throw new CorruptColumnException("zstd frame of " + told + " plain bytes, expected " + length);
        }
        byte[] plain = new byte[length];
        long opened;
        try {
            opened = Zstd.decompressByteArray(plain, 0, length, in.array(), at, packed);
        } catch (ZstdException e) {
            throw new CorruptColumnException("packed bytes are not zstd: " + e.getMessage(), e);
        }
        if (opened != length) {
            throw new CorruptColumnException("packed bytes open to " + opened + " bytes, expected " + length);
        }
        return new ByteSource(plain);
    }
}
