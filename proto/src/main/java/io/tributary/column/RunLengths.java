package io.tributary.column;

/** Lengths of runs that add up to the size of a column. */
final class RunLengths {
    private RunLengths() {}

    static void encode(long[] lengths, int runs, ByteSink out) {
        LongCodec.encodePacked(lengths, 0, runs, out);
    }

    static int[] decode(ByteSource in, int runs, int size) throws CorruptColumnException {
        long[] lengths = new long[runs];
        LongCodec.decodePlain(in.readByte(), in, runs, lengths);
        int[] result = new int[runs];
        long left = size;
        for (int i = 0; i < runs; i++) {
            if (lengths[i] < 1 || lengths[i] > left) {
                throw new CorruptColumnException("run " + i + " of " + lengths[i] + " values, expected 1 to " + left);
            }
            left -= lengths[i];
            result[i] = (int) lengths[i];
        }
        if (left != 0) {
            throw new CorruptColumnException("runs end " + left + " values before the column of " + size);
        }
        return result;
    }
}
