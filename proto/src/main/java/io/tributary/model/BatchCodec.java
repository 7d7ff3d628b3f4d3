package io.tributary.model;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The only door between batches and bytes; the layout is message {@code Batch} of batch.proto and FORMAT.md. */
public final class BatchCodec {
    private static final int FORMAT = 1;
    private static final int NONE = 0;
    private static final int ZSTD = 1;
    /** Packed columns hardly compress: level 1 finds the texts, higher levels find little more. */
    private static final int ZSTD_LEVEL = 1;
    /** Compressed only when at least 1/16 smaller; less does not pay for opening it at every hop. */
    private static final int WORTH_SHIFT = 4;

    private BatchCodec() {}

    /** Compresses with zstd where that pays. */
    public static byte[] encode(Batch batch) {
        return encode(batch, true);
    }

    /** @param compress whether zstd is tried; the columns are packed in any case */
    public static byte[] encode(Batch batch, boolean compress) {
        ByteSink body = new BodyEncoder().encode(batch);
        byte[] packed = compress ? pack(body) : null;
        byte[] bytes = packed == null ? body.array() : packed;
        int length = packed == null ? body.size() : packed.length;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);

        ByteSink out = new ByteSink(length + 40);
        BodyEncoder.writeVarint(out, 1, FORMAT);
        BodyEncoder.writeVarint(out, 2, batch.readingCount());
        BodyEncoder.writeVarint(out, 3, packed == null ? NONE : ZSTD);
        BodyEncoder.writeVarint(out, 4, body.size());
        out.writeVarint((5 << 3) | 5);
        out.writeInt((int) crc.getValue());
        out.writeVarint((6 << 3) | 2);
        out.writeVarint(length);
        out.writeBytes(bytes, 0, length);
        return out.toByteArray();
    }

    /**
     * Opens a batch. Nothing in the bytes, damaged or hostile, does worse than the exception; memory is bounded by the
     * limits before it is taken.
     */
    public static Batch decode(byte[] bytes, BatchLimits limits) throws InvalidBatchException {
        return decode(bytes, limits, null);
    }

    /**
     * As {@link #decode}, for whoever keeps the batch and hardly looks at its values: columns of tables of one device are
     * decoded to check them, and stay encoded in {@code bytes}, which must not change any more.
     *
     * @param known of batches before; takes those of this one
     */
    public static Batch decodeToKeep(byte[] bytes, BatchLimits limits, KnownDevices known)
            throws InvalidBatchException {
        return decode(bytes, limits, known);
    }

    private static Batch decode(byte[] bytes, BatchLimits limits, @Nullable KnownDevices known)
            throws InvalidBatchException {
        if (bytes.length > limits.encodedBytesMax()) {
            throw new InvalidBatchException(
                    "batch of " + bytes.length + " bytes, expected at most " + limits.encodedBytesMax());
        }
        try {
            Envelope envelope = Envelope.read(bytes);
            if (envelope.readings < 0 || envelope.readings > limits.readingsMax()) {
                throw new InvalidBatchException("batch of " + Long.toUnsignedString(envelope.readings)
                        + " readings, expected at most " + limits.readingsMax());
            }
            ByteSource body = open(bytes, envelope, limits);
            return new BodyDecoder(body, (int) envelope.readings, limits.stringBytesMax(), known).decode();
        } catch (CorruptColumnException | IllegalArgumentException e) {
            throw new InvalidBatchException("not a batch: " + e.getMessage(), e);
        }
    }

    /** How many sequence numbers the batch takes, from the envelope only: the body may still be damaged. */
    public static long readingCount(byte[] bytes) throws InvalidBatchException {
        try {
            return Envelope.read(bytes).readings;
        } catch (CorruptColumnException e) {
            throw new InvalidBatchException("not a batch: " + e.getMessage(), e);
        }
    }

    private static byte @Nullable [] pack(ByteSink body) {
        byte[] target = new byte[(int) Zstd.compressBound(body.size())];
        long length = Zstd.compressByteArray(target, 0, target.length, body.array(), 0, body.size(), ZSTD_LEVEL);
        if (Zstd.isError(length) || length > body.size() - (body.size() >> WORTH_SHIFT)) {
            return null;
        }
        return java.util.Arrays.copyOf(target, (int) length);
    }

    private static ByteSource open(byte[] bytes, Envelope envelope, BatchLimits limits)
            throws InvalidBatchException, CorruptColumnException {
        CRC32C crc = new CRC32C();
        crc.update(bytes, envelope.bodyAt, envelope.bodyLength);
        if ((int) crc.getValue() != envelope.crc) {
            throw new InvalidBatchException(
                    "body has CRC-32C %08x, the envelope says %08x".formatted((int) crc.getValue(), envelope.crc));
        }
        if (envelope.bodySize < 0 || envelope.bodySize > limits.bodyBytesMax()) {
            throw new InvalidBatchException("body of " + Long.toUnsignedString(envelope.bodySize)
                    + " bytes, expected at most " + limits.bodyBytesMax());
        }
        if (envelope.compression == NONE && envelope.bodyLength == envelope.bodySize) {
            return new ByteSource(bytes, envelope.bodyAt, envelope.bodyLength);
        }
        if (envelope.compression != ZSTD) {
            throw new InvalidBatchException("compression " + envelope.compression + " of " + envelope.bodyLength
                    + " bytes to " + envelope.bodySize);
        }
        byte[] body = new byte[(int) envelope.bodySize];
        long opened;
        try {
            opened = Zstd.decompressByteArray(body, 0, body.length, bytes, envelope.bodyAt, envelope.bodyLength);
        } catch (ZstdException e) {
            throw new InvalidBatchException("body is not zstd: " + e.getMessage(), e);
        }
        if (opened != body.length) {
            throw new InvalidBatchException("body opens to " + opened + " bytes, the envelope says " + body.length);
        }
        return new ByteSource(body);
    }

    private record Envelope(long readings, int compression, long bodySize, int crc, int bodyAt, int bodyLength) {
        static Envelope read(byte[] bytes) throws CorruptColumnException {
            long format = 0;
            long readings = 0;
            int compression = 0;
            long bodySize = 0;
            int crc = 0;
            ByteSource body = new ByteSource(bytes, 0, 0);
            MessageCursor cursor = new MessageCursor(new ByteSource(bytes));
            while (cursor.next()) {
                switch (cursor.field()) {
                    case 1 -> format = cursor.varint();
                    case 2 -> readings = cursor.varint();
                    case 3 -> compression = cursor.count("compression", Integer.MAX_VALUE);
                    case 4 -> bodySize = cursor.varint();
                    case 5 -> crc = cursor.fixed32();
                    case 6 -> body = cursor.bytes();
                    default -> cursor.skip();
                }
            }
            if (format != FORMAT) {
                throw new CorruptColumnException("format " + Long.toUnsignedString(format) + ", expected " + FORMAT
                        + (Long.compareUnsigned(format, FORMAT) > 0 ? "; a later version wrote it" : ""));
            }
            return new Envelope(readings, compression, bodySize, crc, body.position(), body.remaining());
        }
    }
}
