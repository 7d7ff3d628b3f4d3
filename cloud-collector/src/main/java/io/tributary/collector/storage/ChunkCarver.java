package io.tributary.collector.storage;

import io.tributary.collector.chunk.Chunk;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.rocks.TableFile;
import io.tributary.rocks.WalRecords;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds chunks in a damaged table file of RocksDB by their own checksums, whatever happened to its index, footer and block
 * checksums. Blocks of chunks are not compressed; an entry is
 *
 * <pre>
 * shared varint | own varint | value length varint | own bytes of the key | value        key: chunk key, and 8 bytes of RocksDB
 * </pre>
 *
 * Each 16th entry shares nothing with the one before, so what is lost beyond the damaged bytes themselves is at most 15
 * chunks.
 */
final class ChunkCarver {
    private static final int SUFFIX = 8;
    private static final int PUT = 1;
    /** Bucket, length of the ID, fragment. */
    private static final int FIXED = 8 + 1 + 4;

    private final ByteBuffer file;
    private final List<TableFile.Entry> found = new ArrayList<>();
    private byte[] lastKey = {};

    private ChunkCarver(ByteBuffer file) {
        this.file = file;
    }

    /** By key, the newest first. */
    static List<TableFile.Entry> carve(ByteBuffer file) {
        ChunkCarver carver = new ChunkCarver(file);
        int at = 0;
        while (at < file.limit()) {
            int next = carver.entry(at);
            at = next > 0 ? next : at + 1;
        }
        carver.found.sort(SalvageSource.ORDER);
        return carver.found;
    }

    /** Whether both checksums of a chunk are right, and it is one of this device. */
    static boolean isWhole(byte[] key, byte[] value) {
        try {
            if (key.length <= FIXED || (key[8] & 0xff) != key.length - FIXED) {
                return false;
            }
            for (ChunkGroup group : Chunk.open(value).groups()) {
                group.eventTimes();
                return true; // the first column that is decoded checks the body
            }
        } catch (CorruptColumnException | RuntimeException e) {
            return false;
        }
        return false;
    }

    /** @return where the entry ends, 0 when none is here */
    private int entry(int at) {
        try {
            ByteBuffer in = file.duplicate().position(at);
            int shared = WalRecords.varint(in);
            int own = WalRecords.varint(in);
            int length = WalRecords.varint(in);
            int whole = shared + own;
            boolean possible = shared >= 0
                    && own > 0
                    && shared <= lastKey.length
                    && whole > FIXED + SUFFIX
                    && whole <= FIXED + 255 + SUFFIX
                    && length > 16
                    && (long) own + length <= in.remaining();
            if (!possible) {
                return 0;
            }
            byte[] internal = Arrays.copyOf(lastKey, whole);
            in.get(internal, shared, own);
            byte[] key = Arrays.copyOf(internal, whole - SUFFIX);
            if ((internal[key.length] & 0xff) != PUT || (key[8] & 0xff) != key.length - FIXED) {
                return 0;
            }
            byte[] value = new byte[length];
            in.get(value);
            if (!isWhole(key, value)) {
                return 0;
            }
            lastKey = internal;
            found.add(new TableFile.Entry(key, sequence(internal), TableFile.Kind.PUT, value));
            return in.position();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return 0; // not an entry
        }
    }

    private static long sequence(byte[] internal) {
        long trailer = 0;
        for (int i = 1; i <= SUFFIX; i++) {
            trailer = trailer << 8 | internal[internal.length - i] & 0xff;
        }
        return trailer >>> 8;
    }
}
