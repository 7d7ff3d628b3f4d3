package io.tributary.rocks;

import java.nio.ByteBuffer;

/** Expands a block in LZ4's block format (github.com/lz4/lz4, {@code doc/lz4_Block_format.md}). */
final class Lz4Block {
    private static final int MATCH_MIN = 4;

    private Lz4Block() {}

    /**
     * @param in from its position to its limit
     * @throws IllegalArgumentException when the bytes are no such block
     */
    static byte[] expand(ByteBuffer in, int size) {
        byte[] out = new byte[size];
        int at = 0;
        try {
            while (in.hasRemaining()) {
                int token = in.get() & 0xff;
                int literals = length(in, token >>> 4);
                in.get(out, at, literals);
                at += literals;
                if (!in.hasRemaining()) {
                    break;
                }
                int distance = (in.get() & 0xff) | (in.get() & 0xff) << 8;
                int match = length(in, token & 15) + MATCH_MIN;
                if (distance == 0 || distance > at) {
                    throw new IllegalArgumentException("match " + distance + " bytes back at " + at);
                }
                for (int i = 0; i < match; i++, at++) { // they may overlap
                    out[at] = out[at - distance];
                }
            }
        } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("block of LZ4 does not fit " + size + " bytes", e);
        }
        if (at != size) {
            throw new IllegalArgumentException("block of LZ4 has " + at + " bytes, expected " + size);
        }
        return out;
    }

    private static int length(ByteBuffer in, int nibble) {
        int length = nibble;
        if (nibble == 15) {
            int more;
            do {
                more = in.get() & 0xff;
                length += more;
            } while (more == 255);
        }
        return length;
    }
}
