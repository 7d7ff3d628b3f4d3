package io.tributary.column;

import java.util.Arrays;
import java.util.Objects;

/**
 * Columns of signed 64-bit integers: times, counters, codes. The encoding is chosen from runs and a few sampled windows,
 * not by trial; see FORMAT.md for the layouts.
 */
public final class LongCodec {
    static final int RAW = 0;
    static final int CONSTANT = 1;
    static final int RUNS = 2;
    /** Plus the order 0, 1 or 2. */
    static final int PACKED = 3;

    static final int SCALED = 6;

    /** Fewer values per run than this and packing is tried too. */
    private static final int RUN_SURE = 16;

    private static final int RUN_LIKELY = 2;
    /** Bits per value from which a common divisor is looked for. */
    private static final int SCALE_FROM_BITS = 10;

    private LongCodec() {}

    /** Appends {@code values[from, from + size)}; the size itself is not written. */
    public static void encode(long[] values, int from, int size, ByteSink out) {
        Objects.checkFromIndexSize(from, size, values.length);
        int runs = 1;
        int many = size / RUN_LIKELY; // how many more does not matter
        for (int i = from + 1; i < from + size && runs <= many + 1; i++) {
            runs += values[i] != values[i - 1] ? 1 : 0;
        }
        if (runs == 1) {
            out.writeByte(CONSTANT);
            out.writeSignedVarint(size == 0 ? 0 : values[from]);
        } else if (runs <= size / RUN_SURE) {
            encodeRuns(values, from, size, runs, out);
        } else if (runs <= size / RUN_LIKELY) {
            int begin = out.size();
            encodeRuns(values, from, size, runs, out);
            byte[] tried = Arrays.copyOfRange(out.array(), begin, out.size());
            out.truncate(begin);
            encodePacked(values, from, size, out);
            if (tried.length < out.size() - begin) {
                out.truncate(begin);
                out.writeBytes(tried);
            }
        } else {
            encodePacked(values, from, size, out);
        }
    }

    /** Without looking for runs. */
    static void encodePacked(long[] values, int from, int size, ByteSink out) {
        int begin = out.size();
        long[] bitsOfOrders = new long[3];
        int order = PackedEncoder.chooseOrder(values, from, size, bitsOfOrders);
        if (bitsOfOrders[order] > (long) SCALE_FROM_BITS * Math.min(size, 256)) {
            long divisor = Divisors.common(values, from, size);
            if (divisor > 1) {
                long[] quotients = Divisors.divide(values, from, size, divisor);
                out.writeByte(SCALED);
                out.writeVarint(divisor);
                out.writeSignedVarint(values[from]);
                int scaledOrder = PackedEncoder.chooseOrder(quotients, 0, size, bitsOfOrders);
                out.writeByte(PACKED + scaledOrder);
                out.scratch().packed.encode(quotients, 0, size, scaledOrder, out);
                return;
            }
        }
        out.writeByte(PACKED + order);
        out.scratch().packed.encode(values, from, size, order, out);
        if (out.size() - begin > 1 + 8L * size) {
            out.truncate(begin);
            encodeRaw(values, from, size, out);
        }
    }

    private static void encodeRaw(long[] values, int from, int size, ByteSink out) {
        out.writeByte(RAW);
        int at = out.reserve(Math.multiplyExact(size, 8));
        for (int i = 0; i < size; i++) {
            ByteSink.LONG_LE.set(out.array(), at + i * 8, values[from + i]);
        }
    }

    static void encodeRuns(long[] values, int from, int size, int runs, ByteSink out) {
        long[] runValues = new long[runs];
        long[] lengths = new long[runs];
        int run = 0;
        int start = from;
        for (int i = from + 1; i <= from + size; i++) {
            if (i == from + size || values[i] != values[start]) {
                runValues[run] = values[start];
                lengths[run++] = i - start;
                start = i;
            }
        }
        out.writeByte(RUNS);
        out.writeVarint(runs);
        encodePacked(runValues, 0, runs, out);
        RunLengths.encode(lengths, runs, out);
    }

    /** Fills {@code target[0, size)}. */
    public static void decode(ByteSource in, int size, long[] target) throws CorruptColumnException {
        Objects.checkFromIndexSize(0, size, target.length);
        int encoding = in.readByte();
        if (encoding == RUNS) {
            decodeRuns(in, size, target);
        } else {
            decodePlain(encoding, in, size, target);
        }
    }

    /** Everything but runs, which do not nest. */
    static void decodePlain(int encoding, ByteSource in, int size, long[] target) throws CorruptColumnException {
        switch (encoding) {
            case RAW -> decodeRaw(in, size, target);
            case CONSTANT -> Arrays.fill(target, 0, size, in.readSignedVarint());
            case PACKED, PACKED + 1, PACKED + 2 -> decodePacked(encoding - PACKED, in, size, target);
            case SCALED -> decodeScaled(in, size, target);
            default ->
                throw new CorruptColumnException(
                        "encoding " + encoding + " of a long column before byte " + in.position() + " is not known");
        }
    }

    private static void decodeRaw(ByteSource in, int size, long[] target) throws CorruptColumnException {
        int at = in.skip(RawBytes.of(size));
        byte[] source = in.array();
        for (int i = 0; i < size; i++) {
            target[i] = (long) ByteSink.LONG_LE.get(source, at + i * 8);
        }
    }

    private static void decodePacked(int order, ByteSource in, int size, long[] target) throws CorruptColumnException {
        PackedDecoder decoder = new PackedDecoder(in, size, order);
        for (int at = 0; at < size; ) {
            at += decoder.next(target, at);
        }
    }

    private static void decodeScaled(ByteSource in, int size, long[] target) throws CorruptColumnException {
        long divisor = in.readVarint();
        long first = in.readSignedVarint();
        int order = in.readByte() - PACKED;
        if (order < 0 || order > 2) {
            throw new CorruptColumnException(
                    "encoding " + (order + PACKED) + " in a scaled column before byte " + in.position());
        }
        decodePacked(order, in, size, target);
        for (int i = 0; i < size; i++) {
            target[i] = first + target[i] * divisor;
        }
    }

    private static void decodeRuns(ByteSource in, int size, long[] target) throws CorruptColumnException {
        int runs = in.readCount("runs", size);
        long[] values = new long[runs];
        decodePlain(in.readByte(), in, runs, values);
        int[] lengths = RunLengths.decode(in, runs, size);
        int at = 0;
        for (int run = 0; run < runs; run++) {
            Arrays.fill(target, at, at + lengths[run], values[run]);
            at += lengths[run];
        }
    }
}
