package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of what is written to disk, against what the kernel counts for the process. */
class WrittenBytesTest {
    private static final Path COUNTED = Path.of("/proc/self/io");

    @TempDir
    Path directory;

    @Test
    void writtenBytes_areThoseThatTheKernelCounts() throws IOException {
        assumeTrue(Files.isReadable(COUNTED), "the kernel counts no bytes of processes");
        try (TestEngine engine = new TestEngine(directory, TestEngine.SMALL)) {
            StateStore states = engine.engine.states("test");
            Random random = new Random(5);
            Map<String, Double> before = written(engine);
            long kernel = kernelBytes();
            long sequence = 0;
            long batches = 0;
            for (int i = 0; i < 40; i++) {
                Batch batch = noise(random, i % 5);
                engine.append("agent", 1, sequence, batch);
                sequence += batch.readingCount();
                batches += BatchCodec.encode(batch).length;
                states.put("state", new byte[20_000]);
                if (i % 4 == 3) {
                    engine.engine.flush();
                    engine.finishFolds();
                }
            }
            engine.engine.erasures().erase(new ErasureRequest("d0", List.of(), false, Long.MIN_VALUE, Long.MAX_VALUE));
            engine.finishLifecycle(); // merges all tables
            long counted = kernelBytes() - kernel;
            Map<String, Double> after = written(engine);

            double sum = 0;
            for (Map.Entry<String, Double> part : after.entrySet()) {
                double bytes = part.getValue() - before.getOrDefault(part.getKey(), 0.0);
                assertThat(bytes).as(part.getKey()).isGreaterThan(500_000);
                sum += bytes;
            }
            assertThat(after).containsOnlyKeys("log", "wal", "tables", "compaction");
            assertThat(sum).isCloseTo(counted, withPercentage(3));
            assertThat(value(engine, "accepted_batch_bytes")).isEqualTo(batches);
            double all =
                    after.values().stream().mapToDouble(Double::doubleValue).sum();
            assertThat(value(engine, "write_amplification")).isCloseTo(all / batches, withPercentage(0.1));
        }
    }

    @Test
    void deliveryAgain_isNotAccepted() throws IOException {
        try (TestEngine engine = new TestEngine(directory, TestEngine.SMALL)) {
            assertThat(value(engine, "write_amplification")).isZero();
            Batch batch = noise(new Random(1), 0);
            engine.append("agent", 1, 0, batch);
            engine.append("agent", 1, 0, batch);
            assertThat(value(engine, "accepted_batch_bytes")).isEqualTo(BatchCodec.encode(batch).length);
        }
    }

    private static Batch noise(Random random, int minute) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 1500; i++) {
            long event = T0 + minute * 60_000_000_000L + random.nextInt(1 << 30);
            builder.row(Device.of("d" + random.nextInt(3)), event, event)
                    .set("a", random.nextDouble())
                    .set("b", random.nextLong());
        }
        return builder.build();
    }

    /** What this process has handed to {@code write}, of any file. */
    private static long kernelBytes() throws IOException {
        List<String> lines = Files.readAllLines(COUNTED);
        for (String line : lines) {
            if (line.startsWith("wchar: ")) {
                return Long.parseLong(line.substring("wchar: ".length()));
            }
        }
        throw new AssertionError("no wchar in " + lines);
    }

    private static double value(TestEngine engine, String name) {
        DataPointSnapshot point = metric(engine, name).getDataPoints().get(0);
        return point instanceof CounterDataPointSnapshot counter
                ? counter.getValue()
                : ((GaugeDataPointSnapshot) point).getValue();
    }

    private static Map<String, Double> written(TestEngine engine) {
        Map<String, Double> parts = new TreeMap<>();
        for (DataPointSnapshot point : metric(engine, "written_bytes").getDataPoints()) {
            parts.put(point.getLabels().getValue(0), ((CounterDataPointSnapshot) point).getValue());
        }
        return parts;
    }

    private static MetricSnapshot metric(TestEngine engine, String name) {
        for (MetricSnapshot snapshot : engine.metrics.scrape()) {
            if (snapshot.getMetadata().getName().equals("tributary_collector_storage_" + name)) {
                return snapshot;
            }
        }
        throw new AssertionError("no metric " + name);
    }
}
