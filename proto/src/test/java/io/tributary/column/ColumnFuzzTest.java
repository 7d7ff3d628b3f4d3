package io.tributary.column;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Regression mode in the build; {@code JAZZER_FUZZ=1} with one test selected searches for more. */
class ColumnFuzzTest {
    private static final int SIZE_MAX = 4096;

    @FuzzTest
    void longs_areReadOrRefused(FuzzedDataProvider data) {
        int size = data.consumeInt(0, SIZE_MAX);
        try {
            LongCodec.decode(new ByteSource(data.consumeRemainingAsBytes()), size, new long[size]);
        } catch (CorruptColumnException e) {
            assertSaysWhat(e);
        }
    }

    @FuzzTest
    void doubles_areReadOrRefused(FuzzedDataProvider data) {
        int size = data.consumeInt(0, SIZE_MAX);
        try {
            DoubleCodec.decode(new ByteSource(data.consumeRemainingAsBytes()), size, new double[size]);
        } catch (CorruptColumnException e) {
            assertSaysWhat(e);
        }
    }

    @FuzzTest
    void bools_areReadOrRefused(FuzzedDataProvider data) {
        int size = data.consumeInt(0, SIZE_MAX);
        try {
            BoolCodec.decode(new ByteSource(data.consumeRemainingAsBytes()), size, new long[size]);
        } catch (CorruptColumnException e) {
            assertSaysWhat(e);
        }
    }

    @FuzzTest
    void strings_areReadOrRefused(FuzzedDataProvider data) {
        int size = data.consumeInt(0, SIZE_MAX);
        try {
            StringCodec.decode(new ByteSource(data.consumeRemainingAsBytes()), size, new String[size], 1000);
        } catch (CorruptColumnException e) {
            assertSaysWhat(e);
        }
    }

    @FuzzTest
    void doublesOfAnyBits_surviveRoundTrip(FuzzedDataProvider data) throws CorruptColumnException {
        long[] bits = data.consumeLongs(SIZE_MAX);
        double[] values = new double[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = (bits[i] & 3) == 0 ? (bits[i] >> 40) / 100.0 : Double.longBitsToDouble(bits[i]);
        }
        ByteSink out = new ByteSink();
        DoubleCodec.encode(values, 0, values.length, out);
        double[] decoded = new double[values.length];
        DoubleCodec.decode(new ByteSource(out.toByteArray()), values.length, decoded);
        for (int i = 0; i < values.length; i++) {
            if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(decoded[i])) {
                throw new AssertionError("value " + i + " is " + decoded[i] + ", expected " + values[i]);
            }
        }
    }

    private static void assertSaysWhat(CorruptColumnException e) {
        if (e.getMessage() == null || e.getMessage().isEmpty()) {
            throw new AssertionError("exception without a message", e);
        }
    }
}
