package io.tributary.rocks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One block of a table: sorted keys, each told as the difference from the one before.
 *
 * <pre>
 * entry    shared varint | own varint | value length varint, not in an index | own bytes of the key | value
 * end      restarts u32 each | number of restarts u32
 * </pre>
 */
final class TableBlock {
    private final ByteBuffer in;
    private final int end;
    private byte[] key = {};
    private ByteBuffer value = ByteBuffer.allocate(0);

    TableBlock(ByteBuffer block) {
        in = block.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (in.limit() < 4) {
            throw new IllegalArgumentException("block of " + in.limit() + " bytes");
        }
        int restarts = in.getInt(in.limit() - 4) & 0x7fffffff; // the highest bit tells of a hash index
        end = in.limit() - 4 - 4 * restarts;
        if (restarts < 0 || end < 0 || end > in.limit()) {
            throw new IllegalArgumentException("block with " + restarts + " restarts in " + in.limit() + " bytes");
        }
    }

    /** @return whether there is one more */
    boolean next() {
        if (in.position() >= end) {
            return false;
        }
        int shared = WalRecords.varint(in);
        int own = WalRecords.varint(in);
        int length = WalRecords.varint(in);
        if (shared < 0 || shared > key.length || own < 0 || length < 0 || (long) own + length > end - in.position()) {
            throw new IllegalArgumentException("entry at " + in.position() + " reaches beyond its block");
        }
        byte[] whole = Arrays.copyOf(key, shared + own);
        in.get(whole, shared, own);
        key = whole;
        value = in.slice(in.position(), length);
        in.position(in.position() + length);
        return true;
    }

    /** With RocksDB's eight bytes at its end, in blocks of entries. */
    byte[] key() {
        return key;
    }

    ByteBuffer value() {
        return value.duplicate();
    }

    /** The places of blocks that an index block tells, offset and size after each other. */
    static long[] handles(ByteBuffer block, boolean deltas) {
        TableBlock index = new TableBlock(block);
        long[] handles = new long[16];
        int count = 0;
        while (index.in.position() < index.end) {
            int shared = WalRecords.varint(index.in);
            int own = WalRecords.varint(index.in);
            if (!deltas) {
                WalRecords.varint(index.in);
            }
            if (deltas && shared != 0) {
                throw new IllegalArgumentException("index with shared keys, expected a restart at every entry");
            }
            index.in.position(index.in.position() + own);
            if (count == handles.length) {
                handles = Arrays.copyOf(handles, 2 * count);
            }
            handles[count++] = varlong(index.in);
            handles[count++] = varlong(index.in);
        }
        return Arrays.copyOf(handles, count);
    }

    static long varlong(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("varint of more than ten bytes");
    }
}
