package io.tributary.rocks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads RocksDB's write-ahead log: what lies before, between and behind damaged parts. Format: RocksDB wiki, "Write Ahead
 * Log File Format", and {@code db/write_batch.cc}.
 *
 * <pre>
 * file    blocks of 32 KiB, each with fragments:  crc u32 | length u16 | type u8 | payload       little endian
 * type    1 full, 2 first, 3 middle, 4 last; 5 to 8 the same with a log number u32 before the payload
 * batch   sequence u64 | count u32 | records:  tag u8 | family varint | key | value              texts: varint length, bytes
 * </pre>
 */
public final class WalRecords {
    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7;
    private static final int BATCH_BYTES_MAX = 64 << 20;

    /** Called in the order of the log. */
    public interface Visitor {
        /** @param sequence of the write: the later one counts */
        void put(int family, long sequence, byte[] key, byte[] value);

        void delete(int family, long sequence, byte[] key);

        /** Keys from one, inclusive, to another, exclusive. */
        void deleteRange(int family, long sequence, byte[] from, byte[] to);
    }

    private final ByteBuffer file;
    private final Visitor visitor;
    private boolean damaged;
    private byte[] pending = new byte[0];
    private boolean open;

    private WalRecords(ByteBuffer file, Visitor visitor) {
        this.file = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.visitor = visitor;
    }

    /** @return false when a part of it could not be read; a torn end counts as that, too */
    public static boolean read(ByteBuffer file, Visitor visitor) {
        WalRecords records = new WalRecords(file, visitor);
        int size = file.limit();
        for (int block = 0; block < size; block += BLOCK) {
            records.block(block, Math.min(size, block + BLOCK));
        }
        return !records.damaged && !records.open;
    }

    /** The rest of a block behind a broken fragment is skipped: where the next fragment begins is not known. */
    private void block(int from, int end) {
        int at = from;
        while (end - at >= HEADER) {
            int length = file.getShort(at + 4) & 0xffff;
            int type = file.get(at + 6) & 0xff;
            if (type == 0 && length == 0) {
                return; // preallocated, never written
            }
            if (at + HEADER + length > end || !MaskedCrc.matches(file.getInt(at), file, at + 6, length + 1)) {
                broken();
                return;
            }
            fragment(type, at + HEADER, length);
            at += HEADER + length;
        }
    }

    private void fragment(int type, int from, int length) {
        int skip = type >= 5 && type <= 8 ? 4 : 0;
        int kind = skip > 0 ? type - 4 : type;
        if (kind > 4 || length < skip) {
            return; // compression and the like: no readings in it
        }
        if (kind == 1 || kind == 2) {
            damaged |= open;
            pending = new byte[0];
        } else if (!open) {
            damaged = true;
            return;
        }
        byte[] joined = new byte[pending.length + length - skip];
        if (joined.length > BATCH_BYTES_MAX) {
            broken();
            return;
        }
        System.arraycopy(pending, 0, joined, 0, pending.length);
        file.get(from + skip, joined, pending.length, length - skip);
        pending = joined;
        open = kind == 2 || kind == 3;
        if (!open) {
            batch(ByteBuffer.wrap(joined).order(ByteOrder.LITTLE_ENDIAN));
            pending = new byte[0];
        }
    }

    private void broken() {
        damaged = true;
        open = false;
        pending = new byte[0];
    }

    private void batch(ByteBuffer in) {
        try {
            long sequence = in.getLong(0);
            in.position(12);
            while (in.hasRemaining()) {
                int tag = in.get() & 0xff;
                switch (tag) {
                    case 0x0, 0x7 -> visitor.delete(0, sequence++, bytes(in));
                    case 0x4, 0x8 -> visitor.delete(varint(in), sequence++, bytes(in));
                    case 0x1 -> visitor.put(0, sequence++, bytes(in), bytes(in));
                    case 0x5 -> visitor.put(varint(in), sequence++, bytes(in), bytes(in));
                    case 0xe -> visitor.deleteRange(varint(in), sequence++, bytes(in), bytes(in));
                    case 0xf -> visitor.deleteRange(0, sequence++, bytes(in), bytes(in));
                    case 0xd -> {
                        // nothing
                    }
                    default -> throw new IllegalArgumentException("tag " + tag + " is none that is written here");
                }
            }
        } catch (RuntimeException e) {
            // The checksum was right, so this is not damage by chance; what follows in this batch is unknown.
            damaged = true;
        }
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length " + length + " with " + in.remaining() + " bytes left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** @throws IllegalArgumentException when it has more than five bytes */
    public static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("varint of more than five bytes");
    }
}
