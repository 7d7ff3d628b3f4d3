package io.tributary.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class ColumnCodecTest {
    private static final int[] SIZES = {0, 1, 2, 3, 7, 8, 9, 31, 64, 255, 256, 257, 511, 513, 1000, 5000};

    @Test
    void longs_ofEveryShape_surviveRoundTrip() throws Exception {
        Random random = new Random(1);
        for (int size : SIZES) {
            assertLongs(size, i -> 42);
            assertLongs(size, i -> i / 100);
            assertLongs(size, i -> 1_704_067_200_000_000_000L + i * 10_000_000_000L);
            assertLongs(size, i -> 1_704_067_200_000_000_000L + i * 10_000_000_000L + random.nextInt(100) * 1_000_000L);
            assertLongs(size, i -> random.nextLong());
            assertLongs(size, i -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE);
            assertLongs(size, i -> i + (random.nextInt(50) == 0 ? random.nextLong() : 0));
            assertLongs(size, i -> random.nextInt(40) == 0 ? -1_000_000 : random.nextInt(5));
            for (int width = 1; width < 64; width++) {
                int bits = width;
                assertLongs(Math.min(size, 300), i -> random.nextLong() >>> (64 - bits));
            }
        }
    }

    @Test
    void doubles_ofEveryShape_surviveRoundTripBitForBit() throws Exception {
        Random random = new Random(2);
        double[] odd = {
            0.0,
            -0.0,
            Double.NaN,
            Double.longBitsToDouble(0x7ff0_0000_0000_0001L),
            Double.longBitsToDouble(0xfff8_dead_beef_0001L),
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            Double.MIN_NORMAL,
            Double.MAX_VALUE,
            -Double.MAX_VALUE,
            1e22,
            1e23,
            0.1,
            1 / 3.0
        };
        for (int size : SIZES) {
            assertDoubles(size, i -> 20.5);
            assertDoubles(size, i -> -0.0);
            assertDoubles(size, i -> Double.longBitsToDouble(0x7ff0_0000_0000_0001L));
            assertDoubles(size, i -> Math.rint(2000 + random.nextGaussian() * 30) / 100);
            assertDoubles(size, i -> Math.rint(random.nextGaussian() * 1e6) / 1e6);
            assertDoubles(size, i -> random.nextGaussian());
            assertDoubles(size, i -> (float) random.nextGaussian());
            assertDoubles(size, i -> i * 12345.0);
            assertDoubles(size, i -> random.nextInt(30) == 0 ? odd[random.nextInt(odd.length)] : i / 10.0);
            assertDoubles(size, i -> odd[i % odd.length]);
            assertDoubles(size, i -> i / 50 * 0.25);
            assertDoubles(size, i -> Double.longBitsToDouble(random.nextLong()));
            assertDoubles(size, i -> random.nextInt(100) == 0 ? 0.123456789012 : i / 100.0);
        }
    }

    @Test
    void decimalWalks_ofEveryWidth_surviveRoundTripBitForBit() throws Exception {
        Random random = new Random(5);
        for (int size : SIZES) {
            for (int width = 1; width <= 20; width++) {
                for (double power : new double[] {1, 100, 1e9}) {
                    long[] walk = {random.nextInt(1_000_000) - 500_000};
                    int steps = 1 << width;
                    assertDoubles(
                            Math.min(size, 600),
                            i -> (walk[0] += random.nextInt(steps) - (i % 2 == 0 ? 0 : steps - 1)) / power);
                }
            }
        }
    }

    @Test
    void bools_ofEveryShape_surviveRoundTrip() throws Exception {
        Random random = new Random(3);
        for (int size : SIZES) {
            assertBools(size, i -> 0);
            assertBools(size, i -> 1);
            assertBools(size, i -> i & 1);
            assertBools(size, i -> (i / 100) & 1);
            assertBools(size, i -> random.nextInt(2));
            assertBools(size, i -> random.nextInt(50) == 0 ? 1 : 0);
        }
        assertThatThrownBy(() -> BoolCodec.encode(new long[] {0, 2}, 0, 2, new ByteSink()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void strings_ofEveryShape_surviveRoundTrip() throws Exception {
        Random random = new Random(4);
        String[] words = {"", "on", "off", "läuft", "日本", "😀", "\ufffd", "a\u0000b"};
        for (int size : SIZES) {
            String[] few = new String[size];
            String[] many = new String[size];
            for (int i = 0; i < size; i++) {
                few[i] = words[random.nextInt(words.length)];
                many[i] = "n" + random.nextInt(100_000);
            }
            assertStrings(few);
            assertStrings(many);
        }
        assertThatThrownBy(() -> StringCodec.encode(new String[] {"\ud800"}, 0, 1, new ByteSink()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void columns_standBackToBack() throws Exception {
        ByteSink out = new ByteSink(1);
        LongCodec.encode(new long[] {5, 9, 1, 7}, 1, 2, out);
        DoubleCodec.encode(new double[] {1.5, 2.25}, 0, 2, out);
        BoolCodec.encode(new long[] {1, 0, 1}, 0, 3, out);
        StringCodec.encode(new String[] {"x", "y", "x"}, 0, 3, out);
        ByteSource in = new ByteSource(out.array(), 0, out.size());
        long[] longs = new long[3];
        double[] doubles = new double[2];
        String[] strings = new String[3];

        LongCodec.decode(in, 2, longs);
        assertThat(longs).containsExactly(9, 1, 0);
        DoubleCodec.decode(in, 2, doubles);
        assertThat(doubles).containsExactly(1.5, 2.25);
        BoolCodec.decode(in, 3, longs);
        assertThat(longs).containsExactly(1, 0, 1);
        StringCodec.decode(in, 3, strings);
        assertThat(strings).containsExactly("x", "y", "x");
        in.expectEnd();
    }

    private static void assertLongs(int size, IntToLongFunction shape) throws CorruptColumnException {
        long[] values = new long[size];
        Arrays.setAll(values, shape);
        ByteSink out = new ByteSink();
        LongCodec.encode(values, 0, size, out);
        long[] decoded = new long[size];
        ByteSource in = new ByteSource(out.toByteArray());
        LongCodec.decode(in, size, decoded);
        in.expectEnd();
        assertThat(decoded).isEqualTo(values);
        assertThat(out.size()).isLessThanOrEqualTo(size * 8 + 12);
    }

    private static void assertDoubles(int size, IntToDoubleFunction shape) throws CorruptColumnException {
        double[] values = new double[size];
        Arrays.setAll(values, shape);
        ByteSink out = new ByteSink();
        DoubleCodec.encode(values, 0, size, out);
        double[] decoded = new double[size];
        ByteSource in = new ByteSource(out.toByteArray());
        DoubleCodec.decode(in, size, decoded);
        in.expectEnd();
        assertThat(Arrays.stream(decoded).mapToLong(Double::doubleToRawLongBits).toArray())
                .isEqualTo(Arrays.stream(values)
                        .mapToLong(Double::doubleToRawLongBits)
                        .toArray());
        assertThat(out.size()).isLessThanOrEqualTo(size * 8 + 12);
    }

    private static void assertBools(int size, IntToLongFunction shape) throws CorruptColumnException {
        long[] values = new long[size];
        Arrays.setAll(values, shape);
        ByteSink out = new ByteSink();
        BoolCodec.encode(values, 0, size, out);
        long[] decoded = new long[size];
        ByteSource in = new ByteSource(out.toByteArray());
        BoolCodec.decode(in, size, decoded);
        in.expectEnd();
        assertThat(decoded).isEqualTo(values);
    }

    private static void assertStrings(String[] values) throws CorruptColumnException {
        ByteSink out = new ByteSink();
        StringCodec.encode(values, 0, values.length, out);
        String[] decoded = new String[values.length];
        ByteSource in = new ByteSource(out.toByteArray());
        StringCodec.decode(in, values.length, decoded);
        in.expectEnd();
        assertThat(decoded).isEqualTo(values);
    }
}
