package io.tributary.agent.outbox;

import io.tributary.agent.seal.KeyRing;
import io.tributary.agent.seal.RecordSeal;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * What sealing costs: CPU time of the thread, per reading, beside that of encoding the same batches. Not a test: {@code
 * java -cp ... io.tributary.agent.outbox.SealBench [milliseconds]}.
 */
public final class SealBench {
    private static final long EDGE_NS = 1_767_225_600_000_000_000L;

    private SealBench() {}

    private interface Work {
        int run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        long millis = args.length > 0 ? Long.parseLong(args[0]) : 2_000;
        System.out.printf(
                "%10s %10s %12s %12s %12s %12s %12s%n",
                "readings", "bytes", "encode ns", "store ns", "sealed ns", "read ns", "opened ns");
        for (int rows : new int[] {1, 10, 100, 1_000}) {
            row(rows, millis);
        }
    }

    /** Nanoseconds of CPU per reading. */
    private static void row(int rows, long millis) throws Exception {
        OutboxCodec plain = new OutboxCodec(new RecordSeal(KeyRing.none()));
        OutboxCodec sealing = new OutboxCodec(new RecordSeal(KeyRing.of(new byte[32])));
        Random random = new Random(1);
        EncodedBatch batch = batch(rows, random);
        byte[] key = OutboxFormat.key(256, batch);
        byte[] plainValue = plain.value(key, batch);
        byte[] sealedValue = sealing.value(key, batch);
        double encode =
                perReading(millis, batch.readings(), () -> batch(rows, random).bytes().length);
        double store = perReading(millis, batch.readings(), () -> plain.value(key, batch).length);
        double sealed = perReading(millis, batch.readings(), () -> sealing.value(key, batch).length);
        double read = perReading(
                millis, batch.readings(), () -> plain.record(key, plainValue).bytes());
        double opened = perReading(
                millis, batch.readings(), () -> sealing.record(key, sealedValue).bytes());
        System.out.printf(
                "%10d %10d %12.1f %12.1f %12.1f %12.1f %12.1f%n",
                batch.readings(), batch.bytes().length, encode, store, sealed, read, opened);
    }

    private static double perReading(long millis, int readings, Work work) throws Exception {
        long sink = 0;
        for (long end = System.nanoTime() + millis * 500_000; System.nanoTime() < end; ) {
            sink += work.run();
        }
        var threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        long runs = 0;
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; runs++) {
            sink += work.run();
        }
        long spent = threads.getCurrentThreadCpuTime() - began;
        if (sink == 0) {
            throw new IllegalStateException("BUG: nothing was done");
        }
        return (double) spent / runs / readings;
    }

    /** Ten channels of one device, drifting. */
    private static EncodedBatch batch(int rows, Random random) {
        BatchBuilder builder = new BatchBuilder();
        Device device = Device.of("device-1");
        double value = 20;
        for (int i = 0; i < rows; i++) {
            long time = EDGE_NS + i * 1_000_000_000L;
            var row = builder.row(device, time, time + 1_000_000);
            for (int channel = 0; channel < 10; channel++) {
                value += Math.round(random.nextGaussian() * 10) / 100.0;
                row.set("channel-" + channel, Math.round(value * 100) / 100.0);
            }
        }
        return new EncodedBatch(
                rows * 10, EDGE_NS, EDGE_NS + rows * 1_000_000_000L, EDGE_NS, BatchCodec.encode(builder.build()));
    }
}
