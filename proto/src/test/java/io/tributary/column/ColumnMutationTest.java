package io.tributary.column;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged columns: nothing but {@link CorruptColumnException} may come of them. Seeded; a failure names its seed. */
class ColumnMutationTest {
    private static final int ROUNDS = 60_000;

    private interface Decoder {
        void decode(ByteSource in, int size) throws CorruptColumnException;
    }

    private record Sample(int size, byte[] bytes, Decoder decoder) {}

    @Test
    void damagedColumn_isReadOrRefused() {
        List<Sample> samples = samples();
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            Sample sample = samples.get(random.nextInt(samples.size()));
            byte[] bytes = mutate(sample.bytes(), random);
            int size = random.nextInt(4) == 0 ? random.nextInt(2000) : sample.size();
            try {
                sample.decoder().decode(new ByteSource(bytes), size);
            } catch (CorruptColumnException e) {
                refused++;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(refused).isBetween(ROUNDS / 10, ROUNDS);
    }

    /** Truncated, bytes flipped or set to extremes, a piece doubled. */
    static byte[] mutate(byte[] bytes, Random random) {
        byte[] result = bytes.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && result.length > 0; i++) {
            int at = random.nextBoolean() ? random.nextInt(Math.min(result.length, 24)) : random.nextInt(result.length);
            switch (random.nextInt(5)) {
                case 0 -> result = java.util.Arrays.copyOf(result, at);
                case 1 -> result[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> result[at] = (byte) random.nextInt(256);
                case 3 -> result[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                default -> {
                    byte[] longer = new byte[result.length + 1];
                    System.arraycopy(result, 0, longer, 0, at);
                    System.arraycopy(result, at, longer, at + 1, result.length - at);
                    result = longer;
                }
            }
        }
        return result;
    }

    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        Random random = new Random(11);
        for (int size : new int[] {1, 5, 100, 600}) {
            for (int shape = 0; shape < 9; shape++) {
                long[] longs = new long[size];
                double[] doubles = new double[size];
                long[] bools = new long[size];
                String[] strings = new String[size];
                for (int i = 0; i < size; i++) {
                    longs[i] = shaped(shape, i, random);
                    doubles[i] = shape == 8 ? random.nextGaussian() : longs[i] / 100.0;
                    bools[i] = shape % 2 == 0 ? i / 40 & 1 : random.nextInt(2);
                    strings[i] = "text " + longs[i] % 7;
                }
                addSamples(samples, size, longs, doubles, bools, strings);
            }
        }
        return samples;
    }

    private static long shaped(int shape, int i, Random random) {
        return switch (shape) {
            case 0 -> 7;
            case 1 -> i / 30;
            case 2 -> i * 1000L + random.nextInt(10);
            case 3 -> random.nextInt(40) == 0 ? random.nextLong() : random.nextInt(4);
            case 4 -> random.nextLong();
            case 5 -> 1_704_067_200_000_000_000L + i * 1_000_000_000L + random.nextInt(100) * 1_000_000L;
            case 6 -> (long) i * i * 17;
            default -> random.nextInt(1 << 20);
        };
    }

    private static void addSamples(
            List<Sample> samples, int size, long[] longs, double[] doubles, long[] bools, String[] strings) {
        ByteSink out = new ByteSink();
        LongCodec.encode(longs, 0, size, out);
        samples.add(new Sample(size, out.toByteArray(), (in, n) -> LongCodec.decode(in, n, new long[n])));
        out.clear();
        DoubleCodec.encode(doubles, 0, size, out);
        samples.add(new Sample(size, out.toByteArray(), (in, n) -> DoubleCodec.decode(in, n, new double[n])));
        out.clear();
        BoolCodec.encode(bools, 0, size, out);
        samples.add(new Sample(size, out.toByteArray(), (in, n) -> BoolCodec.decode(in, n, new long[n])));
        out.clear();
        StringCodec.encode(strings, 0, size, out);
        samples.add(new Sample(size, out.toByteArray(), (in, n) -> StringCodec.decode(in, n, new String[n])));
    }
}
