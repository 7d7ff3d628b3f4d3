package io.tributary.column;

import java.util.LinkedHashMap;
import java.util.Map;

/** Columns of UTF-8 texts: a dictionary in order of first appearance and an index column into it. */
public final class StringCodec {
    static final int DICTIONARY = 0;

    private StringCodec() {}

    /** @throws IllegalArgumentException when a text has a lone surrogate */
    public static void encode(String[] values, int from, int size, ByteSink out) {
        Map<String, Integer> dictionary = new LinkedHashMap<>();
        long[] indexes = new long[size];
        for (int i = 0; i < size; i++) {
            Integer next = dictionary.size();
            Integer known = dictionary.putIfAbsent(values[from + i], next);
            indexes[i] = known == null ? next : known;
        }
        out.writeByte(DICTIONARY);
        out.writeVarint(dictionary.size());
        for (String value : dictionary.keySet()) {
            byte[] bytes = Utf8.encode(value);
            out.writeVarint(bytes.length);
            out.writeBytes(bytes);
        }
        LongCodec.encode(indexes, 0, size, out);
    }

    public static void decode(ByteSource in, int size, String[] target) throws CorruptColumnException {
        decode(in, size, target, Integer.MAX_VALUE);
    }

    /**
     * Fills {@code target[0, size)}.
     *
     * @param stringBytesMax longest accepted text in UTF-8 bytes
     */
    public static void decode(ByteSource in, int size, String[] target, int stringBytesMax)
            throws CorruptColumnException {
        int encoding = in.readByte();
        if (encoding != DICTIONARY) {
            throw new CorruptColumnException("unknown encoding " + encoding + " of a string column");
        }
        String[] dictionary = new String[in.readCount("dictionary size", Math.min(size, in.remaining()))];
        for (int i = 0; i < dictionary.length; i++) {
            int length = in.readCount("text length", stringBytesMax);
            int at = in.skip(length);
            dictionary[i] = Utf8.decode(in.array(), at, length);
        }
        long[] indexes = new long[size];
        LongCodec.decode(in, size, indexes);
        for (int i = 0; i < size; i++) {
            long index = indexes[i];
            if (index < 0 || index >= dictionary.length) {
                throw new CorruptColumnException(
                        "dictionary index " + index + " at " + i + ", expected below " + dictionary.length);
            }
            target[i] = dictionary[(int) index];
        }
    }
}
