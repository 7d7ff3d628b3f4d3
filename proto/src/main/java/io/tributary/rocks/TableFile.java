package io.tributary.rocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A block-based table of RocksDB, format 2 to 5, blocks plain or of LZ4: its properties and its entries with sequence and
 * kind, deletions among them, block by block, past those that are damaged. Format: {@code table/format.cc}, {@code
 * table/block_based}.
 *
 * <pre>
 * file      blocks, each with a trailer: compression u8 | checksum u32
 * footer    checksum type u8 | place of the meta index | place of the index | up to 40 bytes | version u32 | magic u64
 * place     offset varint | size varint
 * key       user key | sequence u56, kind u8                                                        little endian
 * </pre>
 *
 * <p>Blocks with CRC-32C are checked one by one. Whether those with another checksum are whole, {@link #checksBlocks}, is
 * for the caller to find out. One thread.
 */
public final class TableFile {
    private static final long MAGIC = 0x88e241b785f4cff7L;
    private static final int FOOTER = 53;
    private static final int TRAILER = 5;
    private static final int CRC32C = 1;
    private static final int LZ4 = 4;
    private static final int BLOCK_BYTES_MAX = 1 << 28;

    /** What an entry does. */
    public enum Kind {
        PUT,
        DELETE
    }

    /** A version of a key. */
    public record Entry(byte[] key, long sequence, Kind kind, byte[] value) {}

    /** Keys in {@code [from, to)} that were deleted, as far as they are older. */
    public record DeletedRange(byte[] from, byte[] to, long sequence) {}

    private final ByteBuffer file;
    private final int checksum;
    private final Map<String, byte[]> properties = new TreeMap<>();
    private final List<DeletedRange> deleted = new ArrayList<>();
    private final long[] blocks;
    private @Nullable String damage;

    private TableFile(ByteBuffer file) {
        this.file = file;
        int size = file.limit();
        if (size < FOOTER || file.getLong(size - 8) != MAGIC) {
            throw new IllegalArgumentException("no table of RocksDB, or its end is missing");
        }
        int version = file.getInt(size - 12);
        if (version < 2 || version > 5) {
            throw new IllegalArgumentException("table of format " + version + ", expected 2 to 5");
        }
        checksum = file.get(size - FOOTER);
        ByteBuffer footer = file.duplicate().position(size - FOOTER + 1).limit(size - 12);
        ByteBuffer metaIndex = block(TableBlock.varlong(footer), TableBlock.varlong(footer));
        ByteBuffer index = block(TableBlock.varlong(footer), TableBlock.varlong(footer));
        readMeta(metaIndex);
        boolean deltas = number("rocksdb.index.value.is.delta.encoded") != 0;
        blocks = TableBlock.handles(index, deltas);
    }

    /** @throws IllegalArgumentException when it is no such table, or one whose index or end is damaged */
    public static TableFile open(Path path) throws IOException {
        try {
            return new TableFile(map(path));
        } catch (java.nio.BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the index of the table is damaged", e);
        }
    }

    /** The bytes of a file, little endian. */
    public static ByteBuffer map(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(path + " has " + size + " bytes, expected less than 2 GiB");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private void readMeta(ByteBuffer metaIndex) {
        TableBlock meta = new TableBlock(metaIndex);
        while (meta.next()) {
            String name = new String(meta.key(), StandardCharsets.UTF_8);
            ByteBuffer place = meta.value();
            if (name.equals("rocksdb.properties")) {
                TableBlock each = new TableBlock(block(TableBlock.varlong(place), TableBlock.varlong(place)));
                while (each.next()) {
                    byte[] value = new byte[each.value().remaining()];
                    each.value().get(value);
                    properties.put(new String(each.key(), StandardCharsets.UTF_8), value);
                }
            } else if (name.equals("rocksdb.range_del")) {
                TableBlock each = new TableBlock(block(TableBlock.varlong(place), TableBlock.varlong(place)));
                while (each.next()) {
                    byte[] to = new byte[each.value().remaining()];
                    each.value().get(to);
                    deleted.add(new DeletedRange(userKey(each.key()), to, trailer(each.key()) >>> 8));
                }
            }
        }
    }

    private ByteBuffer block(long offset, long size) {
        if (offset < 0 || size < 0 || size > BLOCK_BYTES_MAX || offset + size + TRAILER > file.limit()) {
            throw new IllegalArgumentException("block of " + size + " bytes at " + offset + " of " + file.limit());
        }
        int at = (int) offset;
        int length = (int) size;
        if (checksBlocks() && !MaskedCrc.matches(file.getInt(at + length + 1), file, at, length + 1)) {
            throw new IllegalArgumentException("block at " + offset + " does not match its checksum");
        }
        ByteBuffer block = file.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
        int compression = file.get(at + length);
        if (compression == 0) {
            return block;
        }
        if (compression != LZ4) {
            throw new IllegalArgumentException("block at " + offset + " of compression " + compression);
        }
        int plain = WalRecords.varint(block);
        if (plain < 0 || plain > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException("block at " + offset + " of " + plain + " bytes");
        }
        return ByteBuffer.wrap(Lz4Block.expand(block, plain)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether a damaged block is noticed here. */
    public boolean checksBlocks() {
        return checksum == CRC32C;
    }

    /** Of the column family; empty when it is not told. */
    public String family() {
        return text("rocksdb.column.family.name");
    }

    /** Of the column family; -1 when it is not told. */
    public int familyId() {
        return properties.containsKey("rocksdb.column.family.id") ? (int) number("rocksdb.column.family.id") : -1;
    }

    /** Of the database that wrote it; empty when it is not told. */
    public String database() {
        return text("rocksdb.creating.db.identity");
    }

    private String text(String property) {
        return new String(properties.getOrDefault(property, new byte[0]), StandardCharsets.UTF_8);
    }

    private long number(String property) {
        byte[] bytes = properties.get(property);
        return bytes == null ? 0 : TableBlock.varlong(ByteBuffer.wrap(bytes));
    }

    public List<DeletedRange> deletedRanges() {
        return List.copyOf(deleted);
    }

    /** What was found to be damaged so far; null when nothing was. */
    public @Nullable String damage() {
        return damage;
    }

    /** Every version of every key, by key, the newest first; damaged blocks are left out. */
    public Cursor entries() {
        return new Cursor();
    }

    private static byte[] userKey(byte[] key) {
        if (key.length < 8) {
            throw new IllegalArgumentException("key of " + key.length + " bytes, expected 8 at least");
        }
        return java.util.Arrays.copyOf(key, key.length - 8);
    }

    private static long trailer(byte[] key) {
        return ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getLong(key.length - 8);
    }

    /** Goes through the blocks. */
    public final class Cursor {
        private int nextBlock;
        private @Nullable TableBlock block;

        private Cursor() {}

        /** Null behind the last one. */
        public @Nullable Entry next() {
            while (true) {
                try {
                    TableBlock current = block;
                    if (current != null && current.next()) {
                        long trailer = trailer(current.key());
                        byte[] value = new byte[current.value().remaining()];
                        current.value().get(value);
                        Kind kind = (trailer & 0xff) == 1 ? Kind.PUT : Kind.DELETE;
                        return new Entry(userKey(current.key()), trailer >>> 8, kind, value);
                    }
                    if (nextBlock == blocks.length) {
                        return null;
                    }
                    nextBlock += 2;
                    block = null;
                    block = new TableBlock(block(blocks[nextBlock - 2], blocks[nextBlock - 1]));
                } catch (IllegalArgumentException | IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
                    damage = damage == null ? String.valueOf(e.getMessage()) : damage;
                    block = null;
                }
            }
        }
    }
}
