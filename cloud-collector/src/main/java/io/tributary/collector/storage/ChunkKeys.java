package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Keys of the column family {@code chunk}, see {@link Keys}. */
final class ChunkKeys {
    private static final int FRAGMENT_BYTES = 4;

    private ChunkKeys() {}

    /** What every fragment of a device in a bucket begins with. */
    static byte[] prefix(long bucket, String device) {
        byte[] id = Utf8.encode(device);
        return ByteBuffer.allocate(9 + id.length)
                .putLong(bucket ^ Long.MIN_VALUE)
                .put((byte) id.length)
                .put(id)
                .array();
    }

    /** @param fragment unsigned */
    static byte[] fragment(byte[] prefix, int fragment) {
        return ByteBuffer.allocate(prefix.length + FRAGMENT_BYTES)
                .put(prefix)
                .putInt(fragment)
                .array();
    }

    /** The least key of a bucket. */
    static byte[] bucketStart(long bucket) {
        return ByteBuffer.allocate(8).putLong(bucket ^ Long.MIN_VALUE).array();
    }

    /** Above every fragment under a prefix, and not above anything else. */
    static byte[] behind(byte[] prefix) {
        byte[] last = last(prefix);
        return Arrays.copyOf(last, last.length + 1);
    }

    static long bucket(byte[] key) {
        return ByteBuffer.wrap(key).getLong() ^ Long.MIN_VALUE;
    }

    static boolean isUnder(byte[] prefix, byte[] key) {
        return key.length == prefix.length + FRAGMENT_BYTES && Keys.startsWith(key, prefix);
    }

    /** The number of a fragment. */
    static long number(byte[] key) {
        return ByteBuffer.wrap(key).getInt(key.length - FRAGMENT_BYTES) & 0xffffffffL;
    }

    static String deviceOfPrefix(byte[] prefix) {
        return new String(prefix, 9, prefix.length - 9, StandardCharsets.UTF_8);
    }

    /** The ID in a key of a fragment. */
    static String device(byte[] key) {
        return new String(key, 9, key.length - 9 - FRAGMENT_BYTES, StandardCharsets.UTF_8);
    }

    /** The last key that a fragment could have. */
    static byte[] last(byte[] prefix) {
        byte[] bound = Arrays.copyOf(prefix, prefix.length + FRAGMENT_BYTES);
        Arrays.fill(bound, prefix.length, bound.length, (byte) 0xff);
        return bound;
    }
}
