package io.tributary.agent.outbox;

import io.tributary.rocks.WalRecords;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/**
 * Finds batches in a damaged table file of RocksDB by their own checksums, whatever happened to its index, footer and block
 * checksums. Blocks are not compressed; an entry is
 *
 * <pre>
 * shared varint | own varint | value length varint | own bytes of the key | value        key: batch key, and 8 bytes of RocksDB
 * </pre>
 *
 * Each 16th entry shares nothing with the one before, so what is lost beyond the damaged bytes themselves is at most 15
 * batches.
 */
final class TableCarver {
    private static final int SUFFIX = 8;
    private static final int PUT = 1;
    private static final int KEY_MAX = OutboxFormat.KEY_BYTES + 1 + SUFFIX;

    private final byte[] file;
    private byte[] lastKey = {};

    private TableCarver(byte[] file) {
        this.file = file;
    }

    static void carve(byte[] file, BiConsumer<byte[], byte[]> found) {
        new TableCarver(file).run(found);
    }

    private void run(BiConsumer<byte[], byte[]> found) {
        int at = 0;
        while (at < file.length) {
            int next = entry(at, found);
            at = next > 0 ? next : at + 1;
        }
    }

    /** @return where the entry ends, 0 when none is here */
    private int entry(int at, BiConsumer<byte[], byte[]> found) {
        // Lengths below 128 of keys of at most 25 bytes: one byte each.
        int shared = file[at];
        int own = at + 1 < file.length ? file[at + 1] : -1;
        if (shared < 0 || own <= 0 || shared + own > KEY_MAX || shared > lastKey.length) {
            return 0;
        }
        int length = shared + own - SUFFIX;
        if (length != OutboxFormat.KEY_BYTES && length != OutboxFormat.KEY_BYTES + 1) {
            return 0;
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(file, at + 2, Math.min(file.length - at - 2, 5 + own));
            int valueLength = WalRecords.varint(in);
            int keyAt = in.position();
            long end = (long) keyAt + own + valueLength;
            if (valueLength < 0 || end > file.length) {
                return 0;
            }
            byte[] whole = new byte[shared + own];
            System.arraycopy(lastKey, 0, whole, 0, shared);
            System.arraycopy(file, keyAt, whole, shared, own);
            byte[] key = java.util.Arrays.copyOf(whole, length);
            if (valueLength == 0) {
                return 0;
            }
            byte[] value = java.util.Arrays.copyOfRange(file, keyAt + own, (int) end);
            if ((whole[length] & 0xff) != PUT || !OutboxFormat.isBatch(key, value)) {
                return 0;
            }
            lastKey = whole;
            found.accept(key, value);
            return (int) end;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return 0; // not an entry
        }
    }
}
