package io.tributary.column;

import java.util.Arrays;
import java.util.Objects;

/**
 * Columns of IEEE 754 binary64 values, bit for bit. Decimal numbers travel as integers (see {@link Decimals}), others as
 * packed differences of their bits: on walks and noise of full precision that beats the XOR family (Gorilla, Chimp) in
 * size and, having no branch per value, in speed.
 */
public final class DoubleCodec {
    static final int RAW = 0;
    static final int CONSTANT = 1;
    static final int RUNS = 2;
    /** A long column of the raw bits. */
    static final int BITS = 3;
    /** A long column of integers to divide by a power of ten. */
    static final int DECIMAL = 4;

    /** Up to so many decimals, the bits of doubles are never smaller. */
    private static final int DECIMAL_SURE = 9;

    private static final int HAS_EXCEPTIONS = 0x80;
    private static final int RUN_SURE = 16;
    private static final int RUN_LIKELY = 2;

    private DoubleCodec() {}

    /** Appends {@code values[from, from + size)}; the size itself is not written. */
    public static void encode(double[] values, int from, int size, ByteSink out) {
        Objects.checkFromIndexSize(from, size, values.length);
        int runs = 1;
        int many = size / RUN_LIKELY; // how many more does not matter
        for (int i = from + 1; i < from + size && runs <= many + 1; i++) {
            runs += Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(values[i - 1]) ? 1 : 0;
        }
        if (runs == 1) {
            encodeConstant(size == 0 ? 0 : values[from], out);
        } else if (runs <= size / RUN_SURE) {
            encodeRuns(values, from, size, runs, out);
        } else if (runs <= size / RUN_LIKELY) {
            int begin = out.size();
            encodeRuns(values, from, size, runs, out);
            byte[] tried = Arrays.copyOfRange(out.array(), begin, out.size());
            out.truncate(begin);
            encodePlain(values, from, size, out);
            if (tried.length < out.size() - begin) {
                out.truncate(begin);
                out.writeBytes(tried);
            }
        } else {
            encodePlain(values, from, size, out);
        }
    }

    private static void encodeConstant(double value, ByteSink out) {
        int begin = out.size();
        int exponent = Decimals.exponentOf(value, 0);
        if (exponent >= 0) {
            out.writeByte(DECIMAL);
            out.writeByte(exponent);
            out.writeByte(LongCodec.CONSTANT);
            out.writeSignedVarint((long) Math.rint(value * Decimals.power(exponent)));
        }
        if (exponent < 0 || out.size() - begin >= 9) {
            out.truncate(begin);
            out.writeByte(CONSTANT);
            out.writeLong(Double.doubleToRawLongBits(value));
        }
    }

    static void encodeRuns(double[] values, int from, int size, int runs, ByteSink out) {
        double[] runValues = new double[runs];
        long[] lengths = new long[runs];
        int run = 0;
        int start = from;
        for (int i = from + 1; i <= from + size; i++) {
            if (i == from + size
                    || Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(values[start])) {
                runValues[run] = values[start];
                lengths[run++] = i - start;
                start = i;
            }
        }
        out.writeByte(RUNS);
        out.writeVarint(runs);
        encodePlain(runValues, 0, runs, out);
        RunLengths.encode(lengths, runs, out);
    }

    private static void encodePlain(double[] values, int from, int size, ByteSink out) {
        Decimals.Integers integers = Decimals.of(values, from, size, out.scratch());
        int begin = out.size();
        if (integers != null) {
            encodeDecimal(values, from, size, integers, out);
            if (integers.exponent() <= DECIMAL_SURE) {
                return;
            }
        }
        int bitsBegin = out.size();
        long[] bits = new long[size];
        for (int i = 0; i < size; i++) {
            bits[i] = Double.doubleToRawLongBits(values[from + i]);
        }
        out.writeByte(BITS);
        LongCodec.encodePacked(bits, 0, size, out);
        if (out.array()[bitsBegin + 1] == LongCodec.RAW) { // the same without a second ID
            out.truncate(bitsBegin);
            out.writeByte(RAW);
            int at = out.reserve(Math.multiplyExact(size, 8));
            for (int i = 0; i < size; i++) {
                ByteSink.LONG_LE.set(out.array(), at + i * 8, bits[i]);
            }
        }
        if (bitsBegin > begin) {
            keepSmaller(begin, bitsBegin, out);
        }
    }

    /** Two encodings stand one behind the other. */
    private static void keepSmaller(int begin, int secondBegin, ByteSink out) {
        int first = secondBegin - begin;
        int second = out.size() - secondBegin;
        if (second < first) {
            System.arraycopy(out.array(), secondBegin, out.array(), begin, second);
        }
        out.truncate(begin + Math.min(first, second));
    }

    static void encodeDecimal(double[] values, int from, int size, Decimals.Integers integers, ByteSink out) {
        int[] exceptions = integers.exceptions();
        out.writeByte(DECIMAL);
        out.writeByte(integers.exponent() | (exceptions.length > 0 ? HAS_EXCEPTIONS : 0));
        if (exceptions.length > 0) {
            out.writeVarint(exceptions.length);
            LongCodec.encodePacked(Arrays.stream(exceptions).asLongStream().toArray(), 0, exceptions.length, out);
            for (int position : exceptions) {
                out.writeLong(Double.doubleToRawLongBits(values[from + position]));
            }
        }
        LongCodec.encodePacked(integers.values(), 0, size, out);
    }

    /** Fills {@code target[0, size)}. */
    public static void decode(ByteSource in, int size, double[] target) throws CorruptColumnException {
        Objects.checkFromIndexSize(0, size, target.length);
        int encoding = in.readByte();
        if (encoding == RUNS) {
            decodeRuns(in, size, target);
        } else {
            decodePlain(encoding, in, size, target);
        }
    }

    private static void decodePlain(int encoding, ByteSource in, int size, double[] target)
            throws CorruptColumnException {
        switch (encoding) {
            case RAW -> {
                int at = in.skip(RawBytes.of(size));
                byte[] source = in.array();
                for (int i = 0; i < size; i++) {
                    target[i] = Double.longBitsToDouble((long) ByteSink.LONG_LE.get(source, at + i * 8));
                }
            }
            case CONSTANT -> Arrays.fill(target, 0, size, Double.longBitsToDouble(in.readLong()));
            case BITS -> decodeBits(in, size, target);
            case DECIMAL -> decodeDecimal(in, size, target);
            default ->
                throw new CorruptColumnException(
                        "encoding " + encoding + " of a double column before byte " + in.position() + " is not known");
        }
    }

    private static void decodeBits(ByteSource in, int size, double[] target) throws CorruptColumnException {
        int encoding = in.readByte();
        int order = encoding - LongCodec.PACKED;
        if (order >= 0 && order <= 2) {
            PackedDecoder decoder = new PackedDecoder(in, size, order);
            long[] block = new long[PackedEncoder.BLOCK];
            for (int at = 0; at < size; ) {
                int count = decoder.next(block, 0);
                for (int i = 0; i < count; i++) {
                    target[at + i] = Double.longBitsToDouble(block[i]);
                }
                at += count;
            }
            return;
        }
        long[] bits = new long[size];
        LongCodec.decodePlain(encoding, in, size, bits);
        for (int i = 0; i < size; i++) {
            target[i] = Double.longBitsToDouble(bits[i]);
        }
    }

    private static void decodeDecimal(ByteSource in, int size, double[] target) throws CorruptColumnException {
        int header = in.readByte();
        int exponent = header & ~HAS_EXCEPTIONS;
        if (exponent > Decimals.EXPONENT_MAX) {
            throw new CorruptColumnException(
                    "decimal exponent " + exponent + ", expected at most " + Decimals.EXPONENT_MAX);
        }
        double power = Decimals.power(exponent);
        int exceptions = (header & HAS_EXCEPTIONS) == 0 ? 0 : in.readCount("exceptions", size);
        long[] positions = new long[exceptions];
        if (exceptions > 0) {
            LongCodec.decodePlain(in.readByte(), in, exceptions, positions);
        }
        int valuesAt = in.skip(RawBytes.of(exceptions));
        decodeIntegers(in, size, power, target);
        for (int i = 0; i < exceptions; i++) {
            long position = positions[i];
            if (position < 0 || position >= size) {
                throw new CorruptColumnException("exception at " + position + ", expected below " + size);
            }
            target[(int) position] = Double.longBitsToDouble((long) ByteSink.LONG_LE.get(in.array(), valuesAt + i * 8));
        }
    }

    private static void decodeIntegers(ByteSource in, int size, double power, double[] target)
            throws CorruptColumnException {
        int encoding = in.readByte();
        int order = encoding - LongCodec.PACKED;
        if (encoding == LongCodec.CONSTANT) {
            Arrays.fill(target, 0, size, in.readSignedVarint() / power);
        } else if (order >= 0 && order <= 2) {
            PackedDecoder decoder = new PackedDecoder(in, size, order);
            for (int at = 0; at < size; ) {
                int count = decoder.next(target, at);
                divide(target, at, at + count, power);
                at += count;
            }
        } else {
            long[] integers = new long[size];
            LongCodec.decodePlain(encoding, in, size, integers);
            for (int i = 0; i < size; i++) {
                target[i] = integers[i];
            }
            divide(target, 0, size, power);
        }
    }

    /** A loop of its own, as that is what C2 makes vector instructions of; divisions are the most of decoding. */
    private static void divide(double[] values, int from, int to, double power) {
        if (power != 1) {
            for (int i = from; i < to; i++) {
                values[i] = values[i] / power;
            }
        }
    }

    private static void decodeRuns(ByteSource in, int size, double[] target) throws CorruptColumnException {
        int runs = in.readCount("runs", size);
        double[] values = new double[runs];
        decodePlain(in.readByte(), in, runs, values);
        int[] lengths = RunLengths.decode(in, runs, size);
        int at = 0;
        for (int run = 0; run < runs; run++) {
            Arrays.fill(target, at, at + lengths[run], values[run]);
            at += lengths[run];
        }
    }
}
