package io.tributary.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Bytes kept until all of them are there, in pieces, so that growing copies nothing. Not thread-safe. */
final class HeldBytes extends OutputStream {
    private static final int PIECE_BYTES_MIN = 1 << 10;
    private static final int PIECE_BYTES_MAX = 64 << 10;

    private final List<byte[]> full = new ArrayList<>(0);
    private byte[] last = {};
    private int lastSize;
    private int size;

    int size() {
        return size;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int newSize = Math.addExact(size, length);
        int fits = Math.min(length, last.length - lastSize);
        System.arraycopy(bytes, offset, last, lastSize, fits);
        lastSize += fits;
        int left = length - fits;
        if (left > 0) {
            if (lastSize > 0) {
                full.add(last);
            }
            last = new byte[Math.max(left, Math.min(PIECE_BYTES_MAX, Math.max(PIECE_BYTES_MIN, size)))];
            System.arraycopy(bytes, offset + fits, last, 0, left);
            lastSize = left;
        }
        size = newSize;
    }

    void writeTo(OutputStream out) throws IOException {
        for (byte[] piece : full) {
            out.write(piece);
        }
        out.write(last, 0, lastSize);
    }

    /** What is held, which must not grow any more. */
    ByteBuf buffer() {
        ByteBuf[] pieces = new ByteBuf[full.size() + 1];
        for (int i = 0; i < full.size(); i++) {
            pieces[i] = Unpooled.wrappedBuffer(full.get(i));
        }
        pieces[full.size()] = Unpooled.wrappedBuffer(last, 0, lastSize);
        return pieces.length == 1 ? pieces[0] : Unpooled.wrappedBuffer(pieces.length, pieces);
    }

    void clear() {
        full.clear();
        last = new byte[0];
        lastSize = 0;
        size = 0;
    }
}
