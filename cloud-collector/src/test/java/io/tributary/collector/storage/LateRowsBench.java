package io.tributary.collector.storage;

import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.KnownDevices;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What late and duplicate rows cost the store: CPU time of flush and fold per value, the least of some rounds.
 * A main program: {@code java -cp ... io.tributary.collector.storage.LateRowsBench [rounds]}.
 */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class LateRowsBench {
    private static final long SECOND = 1_000_000_000L;
    private static final int DEVICES = 60;
    private static final int CHANNELS = 10;
    private static final int ROWS = 1000;
    private static final int BATCHES = 6;

    private LateRowsBench() {}

    private record Row(long step, long sentAt) {}

    public static void main(String[] arguments) throws IOException, InvalidBatchException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8;
        String[] names = {"in order", "5 % late, 1 % twice", "the same, as it came", "50 % late", "each row twice"};
        List<List<Append>> loads =
                List.of(load(0, 0, true), load(5, 1, true), load(5, 1, false), load(50, 0, true), load(0, 100, true));
        long[][] best = new long[names.length][2];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < names.length; i++) {
                long[] took = measure(loads.get(i));
                for (int k = 0; k < 2; k++) {
                    best[i][k] = round == 0 ? took[k] : Math.min(best[i][k], took[k]);
                }
            }
        }
        for (int i = 0; i < names.length; i++) {
            long values = loads.get(i).stream().mapToLong(Append::count).sum();
            System.out.printf(
                    "%-22s flush %6.1f ns/value, fold %6.1f%n",
                    names[i], best[i][0] / (double) values, best[i][1] / (double) values);
        }
    }

    /** @return CPU time of flushes and of the folds behind them, both on this thread */
    private static long[] measure(List<Append> load) throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "late-bench");
        long[] now = {TestEngine.T0 + 100_000 * SECOND};
        long flushed = 0;
        long folded;
        try (TestEngine engine =
                new TestEngine(directory, EngineOptions.DEFAULT, () -> Instant.ofEpochSecond(0, now[0]))) {
            for (int i = 0; i < load.size(); i++) {
                engine.append(load.get(i));
                if ((i + 1) % DEVICES == 0) {
                    long begin = cpu();
                    engine.engine.flush();
                    flushed += cpu() - begin;
                }
            }
            now[0] += 120 * SECOND;
            long begin = cpu();
            engine.finishFolds();
            folded = cpu() - begin;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return new long[] {flushed, folded};
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static List<Append> load(int late, int twice, boolean byTime) throws InvalidBatchException {
        List<Append> appends = new ArrayList<>();
        long sequence = 0;
        List<List<Row>> sent = new ArrayList<>();
        for (int device = 0; device < DEVICES; device++) {
            sent.add(sent(new Random(device), late, twice));
        }
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int device = 0; device < DEVICES; device++) {
                List<Row> rows = sent.get(device);
                int end = batch == BATCHES - 1 ? rows.size() : Math.min(rows.size(), (batch + 1) * ROWS);
                Append append = append(device, rows.subList(batch * ROWS, end), sequence, byTime);
                sequence += append.count();
                appends.add(append);
            }
        }
        return appends;
    }

    private static List<Row> sent(Random random, int late, int twice) {
        PriorityQueue<Row> queue = new PriorityQueue<>(Comparator.comparingLong(Row::sentAt));
        for (int step = 0; step < ROWS * BATCHES * 100 / (100 + twice); step++) {
            boolean isLate = random.nextInt(100) < late;
            queue.add(new Row(step, (isLate ? step + random.nextInt(60) : step) * 4L));
            if (random.nextInt(100) < twice) {
                queue.add(new Row(step, (step + random.nextInt(6)) * 4L + 1));
            }
        }
        List<Row> sent = new ArrayList<>();
        while (!queue.isEmpty()) {
            sent.add(queue.remove());
        }
        return sent;
    }

    private static Append append(int device, List<Row> rows, long sequence, boolean byTime)
            throws InvalidBatchException {
        BatchBuilder builder = new BatchBuilder();
        Device of = Device.of("device-" + device);
        for (Row row : rows) {
            long event = TestEngine.T0 + row.step * 10 * SECOND;
            builder.row(of, event, event + SECOND);
            Random values = new Random(device * 100_003L + row.step);
            for (int channel = 0; channel < CHANNELS; channel++) {
                builder.set("c" + channel, channel < 3 ? values.nextDouble() : values.nextInt(50) / 100.0);
            }
        }
        Batch batch = byTime ? builder.buildByTime() : builder.build();
        byte[] encoded = BatchCodec.encode(batch);
        return new Append(
                new Origin("agent", 1),
                sequence,
                batch.readingCount(),
                BatchCodec.decodeToKeep(encoded, BatchLimits.DEFAULT, new KnownDevices()),
                null,
                encoded,
                List.of());
    }
}
