package io.tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random columns come back from our codecs and from Apache TsFile's as the same arrays; a case is told by its seed. */
final class TsFileOracleTest {
    private static final int CASES = 1500;

    @Test
    void longs_comeBackFromBoth() throws CorruptColumnException {
        for (int seed = 0; seed < CASES; seed++) {
            long[] values = longs(new Random(seed));
            ByteSink out = new ByteSink(64);
            LongCodec.encode(values, 0, values.length, out);
            long[] ours = new long[values.length];
            LongCodec.decode(new ByteSource(out.toByteArray()), values.length, ours);
            for (TsFileColumns other : TsFileColumns.values()) {
                long[] theirs = other.decodeLongs(other.encode(values), values.length);
                assertThat(ours).as("seed %d, %s", seed, other).isEqualTo(theirs);
            }
        }
    }

    @Test
    void doubles_comeBackFromBoth() throws CorruptColumnException {
        for (int seed = 0; seed < CASES; seed++) {
            double[] values = doubles(new Random(seed));
            ByteSink out = new ByteSink(64);
            DoubleCodec.encode(values, 0, values.length, out);
            double[] ours = new double[values.length];
            DoubleCodec.decode(new ByteSource(out.toByteArray()), values.length, ours);
            for (TsFileColumns other : TsFileColumns.values()) {
                if (other.takesDoubles()) {
                    double[] theirs = other.decodeDoubles(other.encode(values), values.length);
                    assertThat(bits(ours)).as("seed %d, %s", seed, other).isEqualTo(bits(theirs));
                }
            }
        }
    }

    private static long[] bits(double[] values) {
        long[] bits = new long[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(values[i]);
        }
        return bits;
    }

    /** Constant, stepping, counting, jittering, small, of any size; TsFile ends columns of XOR with the lowest long. */
    private static long[] longs(Random random) {
        long[] values = new long[1 + random.nextInt(random.nextInt(8) == 0 ? 5000 : 300)];
        int kind = random.nextInt(6);
        long at = random.nextBoolean() ? random.nextInt(1000) : random.nextLong() >> 8;
        long step = random.nextInt(1_000_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (kind) {
                case 0 -> at;
                case 1 -> at + i * step;
                case 2 -> at += 1 + (random.nextInt(50) == 0 ? random.nextInt(20) : 0);
                case 3 -> at + i * step + random.nextInt(3);
                case 4 -> random.nextInt(5);
                default -> random.nextLong() >> random.nextInt(64);
            };
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] == Long.MIN_VALUE ? 0 : values[i];
        }
        return values;
    }

    /** Decimals that drift, steps, full precision, extremes; TsFile ends columns of XOR with a NaN. */
    private static double[] doubles(Random random) {
        double[] values = new double[1 + random.nextInt(random.nextInt(8) == 0 ? 5000 : 300)];
        int kind = random.nextInt(6);
        double scale = Math.pow(10, random.nextInt(7));
        double at = random.nextInt(200_000) / scale;
        double[] odd = {
            0.0,
            -0.0,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            1e-310,
            0.1 + 0.2
        };
        for (int i = 0; i < values.length; i++) {
            at += random.nextGaussian() / scale * 10;
            values[i] = switch (kind) {
                case 0 -> 21.5;
                case 1 -> Math.rint(at * scale) / scale;
                case 2 -> random.nextInt(20) == 0 ? Math.rint(at) : i == 0 ? 7 : values[i - 1];
                case 3 -> at;
                case 4 -> odd[random.nextInt(odd.length)];
                default -> random.nextInt(30) == 0 ? odd[random.nextInt(odd.length)] : Math.rint(at * scale) / scale;
            };
        }
        return values;
    }
}
