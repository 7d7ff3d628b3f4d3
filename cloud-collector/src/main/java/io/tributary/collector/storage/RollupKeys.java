package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Keys of the column family {@code rollup} and of the notes of what is to be computed.
 *
 * <pre>
 * rollup      seconds u32 | rollup bucket i64, sign flipped | device UTF-8
 * meta        'r' device: length u8, UTF-8 | bucket i64, sign flipped       first and last event time that changed
 * </pre>
 */
final class RollupKeys {
    static final byte[] NOTES = {'r'};
    /** Which levels there were when the store was last open. */
    static final byte[] LEVELS = {'l'};

    private RollupKeys() {}

    static byte[] level(RollupLevel level) {
        return ByteBuffer.allocate(4)
                .putInt(Math.toIntExact(level.every().toSeconds()))
                .array();
    }

    static byte[] bucketStart(RollupLevel level, long bucket) {
        return ByteBuffer.allocate(12)
                .putInt(Math.toIntExact(level.every().toSeconds()))
                .putLong(bucket ^ Long.MIN_VALUE)
                .array();
    }

    static byte[] rollup(RollupLevel level, long bucket, String device) {
        byte[] id = Utf8.encode(device);
        return ByteBuffer.allocate(12 + id.length)
                .put(bucketStart(level, bucket))
                .put(id)
                .array();
    }

    static long bucket(byte[] key) {
        return ByteBuffer.wrap(key).getLong(4) ^ Long.MIN_VALUE;
    }

    static boolean isOf(RollupLevel level, byte[] key) {
        return ByteBuffer.wrap(key).getInt() == level.every().toSeconds();
    }

    static byte[] notes(String device) {
        byte[] id = Utf8.encode(device);
        return ByteBuffer.allocate(2 + id.length)
                .put((byte) 'r')
                .put((byte) id.length)
                .put(id)
                .array();
    }

    static byte[] note(String device, long bucket) {
        byte[] prefix = notes(device);
        return ByteBuffer.allocate(prefix.length + 8)
                .put(prefix)
                .putLong(bucket ^ Long.MIN_VALUE)
                .array();
    }

    static String noteDevice(byte[] note) {
        return new String(note, 2, note[1] & 0xff, StandardCharsets.UTF_8);
    }

    static long noteBucket(byte[] note) {
        return ByteBuffer.wrap(note).getLong(note.length - 8) ^ Long.MIN_VALUE;
    }
}
