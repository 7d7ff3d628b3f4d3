package io.tributary.bench;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * Size and speed of the codecs on the fleet data: {@code java -cp ... io.tributary.bench.CodecBench}. One warm thread,
 * best of several rounds, since the machine is shared.
 */
final class CodecBench {
    private static final int DEVICES = 64;
    private static final int STEPS = 1000;
    private static final int ROUNDS = 9;

    private CodecBench() {}

    public static void main(String[] args) throws Exception {
        for (boolean rounded : new boolean[] {false, true}) {
            columns(rounded);
            batches(rounded);
        }
        times();
        manyDevices();
    }

    private static void columns(boolean rounded) throws Exception {
        double[][][] columns = new double[DEVICES][][];
        for (int device = 0; device < DEVICES; device++) {
            columns[device] = FleetSignals.columns(device, STEPS, rounded);
        }
        long total = 0;
        for (int channel = 0; channel < 10; channel++) {
            int c = channel;
            total += channel < 7
                    ? doubles(FleetSignals.CHANNELS[channel], rounded, i -> columns[i][c])
                    : longs(
                            FleetSignals.CHANNELS[channel],
                            channel == 9,
                            i -> Arrays.stream(columns[i][c])
                                    .mapToLong(v -> (long) v)
                                    .toArray());
        }
        System.out.printf(
                "all columns%s %.3f bytes/value%n", rounded ? " rounded" : "", total / 10.0 / DEVICES / STEPS);
    }

    private interface Columns<T> {
        T of(int device);
    }

    private static long doubles(String name, boolean rounded, Columns<double[]> columns) throws Exception {
        double[][] values = new double[DEVICES][];
        Arrays.setAll(values, columns::of);
        ByteSink out = new ByteSink(1 << 20);
        byte[][] encoded = new byte[DEVICES][];
        for (int i = 0; i < DEVICES; i++) {
            out.clear();
            DoubleCodec.encode(values[i], 0, STEPS, out);
            encoded[i] = out.toByteArray();
        }
        double encode = best(() -> {
            for (double[] column : values) {
                out.clear();
                DoubleCodec.encode(column, 0, STEPS, out);
            }
            return out.size();
        });
        double[] target = new double[STEPS];
        double decode = best(() -> {
            for (byte[] bytes : encoded) {
                DoubleCodec.decode(new ByteSource(bytes), STEPS, target);
            }
            return target[0];
        });
        return report(name + (rounded ? " rounded" : ""), encoded, encode, decode);
    }

    private static long longs(String name, boolean bools, Columns<long[]> columns) throws Exception {
        long[][] values = new long[DEVICES][];
        Arrays.setAll(values, columns::of);
        ByteSink out = new ByteSink(1 << 20);
        byte[][] encoded = new byte[DEVICES][];
        for (int i = 0; i < DEVICES; i++) {
            out.clear();
            encode(bools, values[i], out);
            encoded[i] = out.toByteArray();
        }
        double encode = best(() -> {
            for (long[] column : values) {
                out.clear();
                encode(bools, column, out);
            }
            return out.size();
        });
        long[] target = new long[STEPS];
        double decode = best(() -> {
            for (byte[] bytes : encoded) {
                if (bools) {
                    BoolCodec.decode(new ByteSource(bytes), STEPS, target);
                } else {
                    LongCodec.decode(new ByteSource(bytes), STEPS, target);
                }
            }
            return target[0];
        });
        return report(name, encoded, encode, decode);
    }

    private static void encode(boolean bools, long[] values, ByteSink out) {
        if (bools) {
            BoolCodec.encode(values, 0, STEPS, out);
        } else {
            LongCodec.encode(values, 0, STEPS, out);
        }
    }

    private static void times() throws Exception {
        Random random = new Random(7);
        longs("times, regular", false, i -> times(0, random));
        longs("times, +-50 ms", false, i -> times(1_000_000, random));
        longs("times, +-50 ms in ns", false, i -> times(1, random));
    }

    private static long[] times(long unit, Random random) {
        long[] times = new long[STEPS];
        Arrays.setAll(
                times,
                i -> FleetSignals.BASE_NS
                        + i * FleetSignals.INTERVAL_NS
                        + (unit == 0 ? 0 : (long) ((random.nextDouble() - 0.5) * 100e6) / unit * unit));
        return times;
    }

    private static void batches(boolean rounded) throws Exception {
        List<Batch> batches = new java.util.ArrayList<>();
        for (int d = 0; d < 16; d++) {
            BatchBuilder builder = new BatchBuilder();
            Device device = new Device("d%06d".formatted(d), java.util.Map.of("site", "site1", "model", "model2"));
            FleetSignals signals = new FleetSignals(d, rounded);
            for (int step = 0; step < STEPS; step++) {
                signals.step();
                long time = FleetSignals.BASE_NS + step * FleetSignals.INTERVAL_NS;
                signals.addTo(builder, device, time, time + 1_000_000);
            }
            batches.add(builder.build());
        }
        batch("batch of 1 device x 1000 rows" + (rounded ? " rounded" : ""), batches);
    }

    private static void manyDevices() throws Exception {
        BatchBuilder builder = new BatchBuilder();
        for (int d = 0; d < STEPS; d++) {
            FleetSignals signals = new FleetSignals(d, true);
            signals.step();
            Device device = new Device("d%06d".formatted(d), java.util.Map.of("site", "site" + d % 20));
            signals.addTo(builder, device, FleetSignals.BASE_NS, FleetSignals.BASE_NS + 1_000_000);
        }
        batch("batch of 1000 devices x 1 row rounded", List.of(builder.build()));
    }

    private static void batch(String name, List<Batch> batches) throws Exception {
        for (boolean compress : new boolean[] {false, true}) {
            byte[][] encoded = new byte[batches.size()][];
            for (int i = 0; i < encoded.length; i++) {
                encoded[i] = BatchCodec.encode(batches.get(i), compress);
            }
            double encode = best(() -> {
                long size = 0;
                for (Batch batch : batches) {
                    size += BatchCodec.encode(batch, compress).length;
                }
                return size;
            });
            double decode = best(() -> {
                long readings = 0;
                for (byte[] bytes : encoded) {
                    readings += BatchCodec.decode(bytes, BatchLimits.DEFAULT).readingCount();
                }
                return readings;
            });
            long values = (long) batches.size() * STEPS * 10;
            System.out.printf(
                    "%-40s %-5s %6.3f bytes/value, encode %5.2f ns/value, decode %5.2f ns/value%n",
                    name,
                    compress ? "zstd" : "plain",
                    (double) bytes(encoded) / values,
                    encode / values,
                    decode / values);
        }
    }

    private static long bytes(byte[][] encoded) {
        return Arrays.stream(encoded).mapToLong(b -> b.length).sum();
    }

    private static long report(String name, byte[][] encoded, double encodeNs, double decodeNs) {
        double values = (double) DEVICES * STEPS;
        System.out.printf(
                "%-24s encoding %d,%d  %6.3f bytes/value, encode %5.0f M/s, decode %5.0f M/s%n",
                name,
                encoded[0][0],
                encoded[0][1],
                bytes(encoded) / values,
                values / encodeNs * 1e3,
                values / decodeNs * 1e3);
        return bytes(encoded);
    }

    /** Nanoseconds of one call, best of some rounds of 200 ms. */
    private static double best(Callable<?> work) throws Exception {
        double best = Double.MAX_VALUE;
        Object sink = null;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            int calls = 0;
            long end;
            do {
                sink = work.call();
                calls++;
                end = System.nanoTime();
            } while (end - start < 100_000_000L);
            best = Math.min(best, (double) (end - start) / calls);
        }
        if (sink == null) {
            throw new IllegalStateException("BUG: nothing measured");
        }
        return best;
    }
}
