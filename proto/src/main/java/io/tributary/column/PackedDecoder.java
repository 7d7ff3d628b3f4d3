package io.tributary.column;

/** Reads what {@link PackedEncoder} wrote, block by block. */
final class PackedDecoder {
    private final ByteSource in;
    private final int order;
    private int left;
    private long previous;
    private long delta;
    /** Made for the first block that needs it: most columns have none. */
    private long[] block = {};

    private long[] highs = {};

    PackedDecoder(ByteSource in, int size, int order) throws CorruptColumnException {
        this.in = in;
        this.order = order;
        left = size;
        previous = order > 0 ? in.readSignedVarint() : 0;
        delta = order > 1 ? in.readSignedVarint() : 0;
    }

    /**
     * As {@link #next(long[], int)}, as doubles; the usual block of small differences in one pass.
     *
     * @return its values; 0 at the end
     */
    int next(double[] target, int to) throws CorruptColumnException {
        int count = Math.min(PackedEncoder.BLOCK, left);
        int at = in.position();
        if (order == 1 && count > 0 && in.remaining() > 0) {
            int width = in.array()[at] & 0xff; // with PATCHED, it is above GROUP_BITS
            if (width > 0 && width <= BitPacking.GROUP_BITS) {
                in.skip(1);
                long base = in.readSignedVarint();
                int bytes = BitPacking.bytes(count, width);
                int from = in.skip(bytes);
                byte[] source = padded(from, bytes);
                previous = BitPacking.unpackSums(
                        source, source == in.array() ? from : 0, count, width, base, previous, target, to);
                left -= count;
                return count;
            }
        }
        if (block.length == 0) {
            block = new long[PackedEncoder.BLOCK];
        }
        int decoded = next(block, 0);
        for (int i = 0; i < decoded; i++) {
            target[to + i] = block[i];
        }
        return decoded;
    }

    /** Decodes the next block into {@code target} from {@code to} on and returns its values; 0 at the end. */
    int next(long[] target, int to) throws CorruptColumnException {
        int count = Math.min(PackedEncoder.BLOCK, left);
        if (count == 0) {
            return 0;
        }
        left -= count;
        if (order == 2 && isSteady()) {
            steps(target, to, count);
            return count;
        }
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

    /** Whether the next block changes nothing about the step, as of regular times: two zero bytes, which are taken then. */
    private boolean isSteady() throws CorruptColumnException {
        int at = in.position();
        if (in.remaining() < 2 || in.array()[at] != 0 || in.array()[at + 1] != 0) {
            return false;
        }
        in.skip(2);
        return true;
    }

    /** Four at a time, as an addition waits for the one before. */
    private void steps(long[] target, int to, int count) {
        long step = delta;
        long first = previous + step;
        long second = first + step;
        long third = second + step;
        long fourth = third + step;
        long four = 4 * step;
        int end = to + count;
        int i = to;
        for (; i <= end - 4; i += 4) {
            target[i] = first;
            target[i + 1] = second;
            target[i + 2] = third;
            target[i + 3] = fourth;
            first += four;
            second += four;
            third += four;
            fourth += four;
        }
        for (; i < end; i++) {
            target[i] = first;
            first += step;
        }
        previous += count * step;
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
        if (highs.length == 0) {
            highs = new long[PackedEncoder.BLOCK];
        }
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
        byte[] source = padded(at, bytes);
        BitPacking.unpack(source, source == in.array() ? at : 0, count, width, base, target, to);
    }

    /** The array itself, or, where it ends too soon behind the packed bytes, a copy of them that does not. */
    private byte[] padded(int at, int bytes) {
        byte[] source = in.array();
        if (source.length - at >= bytes + BitPacking.SLACK_BYTES) {
            return source;
        }
        byte[] padded = new byte[bytes + BitPacking.SLACK_BYTES];
        System.arraycopy(source, at, padded, 0, bytes);
        return padded;
    }

    private int checkWidth(int width) throws CorruptColumnException {
        if (width > 64) {
            throw new CorruptColumnException(
                    "width " + width + " at byte " + in.position() + ", expected at most 64 bits");
        }
        return width;
    }
}
