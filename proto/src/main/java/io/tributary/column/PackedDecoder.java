package io.tributary.column;

/** Reads what {@link PackedEncoder} wrote, block by block. */
final class PackedDecoder {
    private final ByteSource in;
    private final int order;
    private int left;
    private long previous;
    private long delta;
    private final long[] highs = new long[PackedEncoder.BLOCK];

    PackedDecoder(ByteSource in, int size, int order) throws CorruptColumnException {
        this.in = in;
        this.order = order;
        left = size;
        previous = order > 0 ? in.readSignedVarint() : 0;
        delta = order > 1 ? in.readSignedVarint() : 0;
    }

    /** Decodes the next block into {@code target} from {@code to} on and returns its values; 0 at the end. */
    int next(long[] target, int to) throws CorruptColumnException {
        int count = Math.min(PackedEncoder.BLOCK, left);
        if (count == 0) {
            return 0;
        }
        left -= count;
        residuals(target, to, count);
        if (order == 1) {
            long value = previous;
            for (int i = to; i < to + count; i++) {
                value += target[i];
                target[i] = value;
            }
            previous = value;
        } else if (order == 2) {
            long step = delta;
            long value = previous;
            for (int i = to; i < to + count; i++) {
                step += target[i];
                value += step;
                target[i] = value;
            }
            delta = step;
            previous = value;
        }
        return count;
    }

    private void residuals(long[] target, int to, int count) throws CorruptColumnException {
        int header = in.readByte();
        int width = checkWidth(header & 0x7f);
        long base = in.readSignedVarint();
        if ((header & PackedEncoder.PATCHED) == 0) {
            unpack(count, width, base, target, to);
            return;
        }
        int exceptions = in.readByte();
        int highWidth = checkWidth(in.readByte());
        if (exceptions > count) {
            throw new CorruptColumnException(exceptions + " exceptions in a block of " + count);
        }
        int positions = in.skip(exceptions);
        unpack(exceptions, highWidth, 0, highs, 0);
        unpack(count, width, base, target, to);
        for (int i = 0; i < exceptions; i++) {
            int position = in.array()[positions + i] & 0xff;
            if (position >= count) {
                throw new CorruptColumnException("exception at " + position + " in a block of " + count);
            }
            target[to + position] = base + ((highs[i] >>> 1) ^ -(highs[i] & 1));
        }
    }

    private void unpack(int count, int width, long base, long[] target, int to) throws CorruptColumnException {
        int bytes = BitPacking.bytes(count, width);
        int at = in.skip(bytes);
        byte[] source = in.array();
        if (source.length - at < bytes + BitPacking.SLACK_BYTES) {
            byte[] padded = new byte[bytes + BitPacking.SLACK_BYTES];
            System.arraycopy(source, at, padded, 0, bytes);
            source = padded;
            at = 0;
        }
        BitPacking.unpack(source, at, count, width, base, target, to);
    }

    private int checkWidth(int width) throws CorruptColumnException {
        if (width > 64) {
            throw new CorruptColumnException(
                    "width " + width + " at byte " + in.position() + ", expected at most 64 bits");
        }
        return width;
    }
}
