package io.tributary.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.proto.v1.Compression;
import java.util.zip.CRC32C;

/** Envelopes around bodies of any kind, by protobuf's own code. */
final class DamagedBatches {
    private DamagedBatches() {}

    /** An uncompressed envelope whose checksum is right. */
    static byte[] seal(byte[] body, long readings) {
        return seal(body, readings, body.length, Compression.COMPRESSION_NONE);
    }

    static byte[] seal(byte[] body, long readings, int bodySize, Compression compression) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return io.tributary.proto.v1.Batch.newBuilder()
                .setFormat(1)
                .setReadingCount(readings)
                .setCompression(compression)
                .setBodySize(bodySize)
                .setBodyCrc((int) crc.getValue())
                .setBody(ByteString.copyFrom(body))
                .build()
                .toByteArray();
    }

    static io.tributary.proto.v1.Batch envelope(byte[] batch) {
        try {
            return io.tributary.proto.v1.Batch.parseFrom(batch);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] body(byte[] uncompressedBatch) {
        return envelope(uncompressedBatch).getBody().toByteArray();
    }
}
