package io.tributary.collector.chunk;

import io.tributary.column.CorruptColumnException;
import io.tributary.model.ValueType;
import java.util.zip.CRC32C;

/** Numbers that writer and reader of chunks share; FORMAT.md draws what they mean. */
final class ChunkLayout {
    static final int VERSION = 1;
    /** With packed values, which readers of version 1 cannot open; without them it is a chunk of version 1. */
    static final int PACKED_VERSION = 2;
    /** Version u8, CRC of header u32, length of header u32. */
    static final int PREFIX_BYTES = 9;

    static final int HAS_PRESENCE = 1;
    static final int HAS_QUALITY = 2;
    static final int HAS_STATS = 4;
    static final int IS_PACKED = 8;

    /** A time column as it is. */
    static final int ABSOLUTE = 0;
    /** A time column as differences from the event times. */
    static final int FROM_EVENT = 1;

    /** Statistics of fewer readings cost more than the readings. */
    static final int STATS_FROM = 8;
    /** Far above what is written; bounds what damaged bytes can allocate. */
    static final int ROWS_MAX = 1 << 20;

    /** A disk reads no less at a time, nearly; with a header that takes a small part of it. */
    static final int LARGE_BYTES = 8 << 10;

    static final int LARGE_HEADERS = 16;

    private ChunkLayout() {}

    /** What comes before the body. */
    static int headerBytes(byte[] chunk) {
        return PREFIX_BYTES
                + ((chunk[5] & 0xff) | (chunk[6] & 0xff) << 8 | (chunk[7] & 0xff) << 16 | (chunk[8] & 0xff) << 24);
    }

    static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    static int code(ValueType type) {
        return switch (type) {
            case DOUBLE -> 1;
            case LONG -> 2;
            case BOOL -> 3;
            case STRING -> 4;
        };
    }

    static ValueType type(int code) throws CorruptColumnException {
        return switch (code) {
            case 1 -> ValueType.DOUBLE;
            case 2 -> ValueType.LONG;
            case 3 -> ValueType.BOOL;
            case 4 -> ValueType.STRING;
            default -> throw new CorruptColumnException("value type " + code + " in a chunk, expected 1 to 4");
        };
    }
}
