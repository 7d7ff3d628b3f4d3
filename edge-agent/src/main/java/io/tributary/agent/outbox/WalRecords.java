package io.tributary.agent.outbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads RocksDB's write-ahead log without RocksDB: what lies before, between and behind damaged parts. Format: RocksDB wiki,
 * "Write Ahead Log File Format", and {@code db/write_batch.cc}.
 *
 * <pre>
 * file    blocks of 32 KiB, each with fragments:  crc u32 | length u16 | type u8 | payload       little endian
 * type    1 full, 2 first, 3 middle, 4 last; 5 to 8 the same with a log number u32 before the payload
 * batch   sequence u64 | count u32 | records:  tag u8 | family varint | key | value              texts: varint length, bytes
 * </pre>
 */
final class WalRecords {
    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7;
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int BATCH_BYTES_MAX = 64 << 20;

    /** Called in the order of the log. */
    interface Visitor {
        void put(int family, byte[] key, byte[] value);

        void delete(int family, byte[] key);
    }

    private final byte[] file;
    private final Visitor visitor;
    private boolean damaged;
    private byte[] pending = new byte[0];
    private boolean open;

    private WalRecords(byte[] file, Visitor visitor) {
        this.file = file;
        this.visitor = visitor;
    }

    /** @return false when a part of it could not be read; a torn end counts as that, too */
    static boolean read(byte[] file, Visitor visitor) {
        WalRecords records = new WalRecords(file, visitor);
        for (int block = 0; block < file.length; block += BLOCK) {
            records.block(block, Math.min(file.length, block + BLOCK));
        }
        return !records.damaged && !records.open;
    }

    /** The rest of a block behind a broken fragment is skipped: where the next fragment begins is not known. */
    private void block(int from, int end) {
        int at = from;
        while (end - at >= HEADER) {
            ByteBuffer header = ByteBuffer.wrap(file, at, HEADER).order(ByteOrder.LITTLE_ENDIAN);
            int crc = header.getInt();
            int length = header.getShort() & 0xffff;
            int type = header.get() & 0xff;
            if (type == 0 && length == 0) {
                return; // preallocated, never written
            }
            if (at + HEADER + length > end || unmask(crc) != crc(file, at + 6, length + 1)) {
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
        System.arraycopy(file, from + skip, joined, pending.length, length - skip);
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
            in.position(12);
            while (in.hasRemaining()) {
                int tag = in.get() & 0xff;
                switch (tag) {
                    case 0x0, 0x7 -> visitor.delete(0, bytes(in));
                    case 0x4, 0x8 -> visitor.delete(varint(in), bytes(in));
                    case 0x1 -> visitor.put(0, bytes(in), bytes(in));
                    case 0x5 -> visitor.put(varint(in), bytes(in), bytes(in));
                    case 0xd -> {
                        // nothing
                    }
                    default -> throw new IllegalArgumentException("tag " + tag + " is none that the outbox writes");
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

    static int varint(ByteBuffer in) {
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

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private static int unmask(int masked) {
        int rotated = masked - MASK_DELTA;
        return (rotated >>> 17) | (rotated << 15);
    }
}
