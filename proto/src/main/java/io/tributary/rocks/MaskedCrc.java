package io.tributary.rocks;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C as RocksDB stores it: rotated and shifted, since files hold checksums of what holds checksums. */
final class MaskedCrc {
    private static final int DELTA = 0xa282ead8;

    private MaskedCrc() {}

    static boolean matches(int masked, ByteBuffer bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(from).limit(from + length));
        int rotated = masked - DELTA;
        return ((rotated >>> 17) | (rotated << 15)) == (int) crc.getValue();
    }
}
