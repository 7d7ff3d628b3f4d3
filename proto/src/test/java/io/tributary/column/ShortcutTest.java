package io.tributary.column;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What the encoder saves by not trying everything, in bytes: for columns where it takes runs or decimals without looking
 * further, against the smallest of all encodings.
 */
final class ShortcutTest {
    private static final int COLUMNS = 3000;
    /** Worst of single columns, and of all of them together. RATIONALE.md has what was found. */
    private static final double WORST = 1.8;

    private static final double TOGETHER = 1.05;
    /** Of very short columns a byte is a large part. */
    private static final int FEW_BYTES = 8;

    private static double[] column(Random random) {
        int size = 20 + random.nextInt(2000);
        double[] values = new double[size];
        int decimals = random.nextInt(13);
        double scale = Math.pow(10, decimals);
        int levels = 1 << random.nextInt(12);
        int run = 1 << random.nextInt(8);
        int kind = random.nextInt(5);
        double at = random.nextInt(2000) - 1000;
        for (int i = 0; i < size; i++) {
            if (random.nextInt(run) == 0) {
                at = switch (kind) {
                    case 0 -> random.nextInt(levels); // states
                    case 1 -> Math.rint((at + random.nextGaussian()) * scale) / scale; // a gauge
                    case 2 -> at + random.nextInt(levels); // a counter
                    case 3 -> (float) (at + random.nextGaussian()); // single precision
                    default -> Math.scalb(1.0, random.nextInt(40) - 20); // powers of two
                };
            }
            values[i] = at;
        }
        return values;
    }

    private static int smallest(double[] values) {
        List<Integer> sizes = new ArrayList<>();
        sizes.add(1 + Double.BYTES * values.length);
        ByteSink out = new ByteSink(64);
        Decimals.Integers integers = Decimals.of(values, 0, values.length, out.scratch());
        if (integers != null) {
            DoubleCodec.encodeDecimal(values, 0, values.length, integers, out);
            sizes.add(out.size());
            out.clear();
        }
        LongCodec.encodePacked(bits(values), 0, values.length, out);
        sizes.add(1 + out.size());
        out.clear();
        int runs = runs(bits(values));
        DoubleCodec.encodeRuns(values, 0, values.length, runs, out);
        sizes.add(out.size());
        if (runs == 1) {
            sizes.add(1 + Double.BYTES);
        }
        return sizes.stream().mapToInt(Integer::intValue).min().orElseThrow();
    }

    private static int smallest(long[] values) {
        ByteSink out = new ByteSink(64);
        LongCodec.encodePacked(values, 0, values.length, out);
        int packed = out.size();
        out.clear();
        LongCodec.encodeRuns(values, 0, values.length, runs(values), out);
        return Math.min(packed, out.size());
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    private static int runs(long[] values) {
        int runs = 1;
        for (int i = 1; i < values.length; i++) {
            runs += values[i] != values[i - 1] ? 1 : 0;
        }
        return runs;
    }

    @Test
    void shortcuts_costLittle() {
        Random random = new Random(20);
        long chosen = 0;
        long best = 0;
        double worst = 1;
        for (int i = 0; i < COLUMNS; i++) {
            double[] values = column(random);
            long[] integers = Arrays.stream(values).mapToLong(Math::round).toArray();
            ByteSink out = new ByteSink(64);
            DoubleCodec.encode(values, 0, values.length, out);
            int doubles = smallest(values);
            worst = Math.max(worst, (double) (out.size() - FEW_BYTES) / doubles);
            chosen += out.size();
            best += doubles;
            out.clear();
            LongCodec.encode(integers, 0, integers.length, out);
            int longs = smallest(integers);
            worst = Math.max(worst, (double) (out.size() - FEW_BYTES) / longs);
            chosen += out.size();
            best += longs;
        }
        assertThat(worst).isLessThan(WORST);
        assertThat((double) chosen / best).isLessThan(TOGETHER);
    }
}
