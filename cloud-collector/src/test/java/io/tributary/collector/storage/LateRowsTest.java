package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Devices whose rows come late, twice and again with other values, at rates from none to all, with flushes, folds and
 * restarts between: every reading and every count is that of {@link StoreOracle} after each step.
 */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
class LateRowsTest {
    private static final long SECOND = ModelTraffic.SECOND;
    private static final int STEPS = 60;

    @TempDir(factory = StoreModelTest.Memory.class)
    private Path directory;

    private Random random = new Random();
    private final List<Source> sources = new ArrayList<>();
    private final long[] sequences = new long[2];
    private long nowNs = TestEngine.T0 + 4000 * SECOND;

    /** A row that is to be sent. */
    private record Row(long eventTime, int value) {}

    /** A device: what it has still to send, late or once more. */
    private static final class Source {
        private final Device device;
        /** Whether it has all channels in each row. */
        private final boolean dense;

        private final List<Row> heldBack = new ArrayList<>();
        private final List<Row> sent = new ArrayList<>();
        private int step;

        Source(Device device, boolean dense) {
            this.device = device;
            this.dense = dense;
        }
    }

    @ParameterizedTest(name = "late {0} % by {1} steps, duplicate {2} %, replaced {3} %, seed {4}")
    @CsvSource({
        "0, 1, 0, 0, 1",
        "5, 60, 1, 0, 2",
        "5, 60, 1, 1, 3",
        "5, 900, 5, 5, 4",
        "20, 10, 20, 0, 5",
        "20, 300, 0, 20, 6",
        "50, 60, 10, 10, 7",
        "100, 30, 0, 0, 8",
        "100, 600, 50, 50, 9",
        "0, 1, 100, 0, 10",
        "0, 1, 0, 100, 11",
        "100, 1000, 100, 100, 12"
    })
    void everyRate_keepsReadingsAndCounts(int late, int lateSteps, int duplicate, int replaced, long seed)
            throws IOException, InvalidBatchException {
        random = new Random(seed);
        ModelTraffic checked = new ModelTraffic(random);
        checked.span = 2000;
        StoreOracle oracle = new StoreOracle();
        for (int i = 0; i < 3; i++) {
            sources.add(new Source(Device.of("d" + i), i < 2));
        }
        EngineOptions options = options(Duration.ofMinutes(10), 2 + random.nextInt(7));
        TestEngine engine = open(options);
        try {
            for (int step = 0; step < STEPS; step++) {
                Append append = next(late, lateSteps, duplicate, replaced);
                oracle.append(append, engine.append(append));
                int kind = random.nextInt(12);
                if (kind < 5) {
                    engine.engine.flush();
                } else if (kind == 5) {
                    nowNs += 70 * SECOND;
                    engine.finishFolds();
                } else if (kind == 6) {
                    engine.close();
                    engine = open(options);
                }
                ModelChecks checks = new ModelChecks(engine, oracle, checked, random, true);
                for (int i = 0; i < 4; i++) {
                    checks.checkReadings();
                }
                checks.checkCatalog();
                checks.checkAccounts();
            }
            engine.engine.flush();
            nowNs += 4 * 3600 * SECOND; // everything is past, and folded for good
            engine.finishFolds();
            nowNs += 60 * SECOND;
            engine.finishFolds();
            assertThat(blocksOf(engine, "d0")).isEqualTo(buckets(oracle, "d0", 600 * SECOND));
            ModelChecks checks = new ModelChecks(engine, oracle, checked, random, true);
            for (int i = 0; i < 20; i++) {
                checks.checkReadings();
            }
            checks.checkAccounts();
        } finally {
            engine.close();
        }
    }

    private TestEngine open(EngineOptions options) throws IOException {
        return new TestEngine(directory, options, () -> Instant.ofEpochSecond(0, nowNs));
    }

    private static EngineOptions options(Duration bucket, int foldFragments) {
        EngineOptions small = TestEngine.options(2, foldFragments);
        return new EngineOptions(
                small.partitions(),
                bucket,
                small.queueBytes(),
                small.queueWait(),
                small.groupBytes(),
                small.headBytes(),
                small.headAge(),
                small.recoveryLogBytes(),
                small.logBytes(),
                small.blockCacheBytes(),
                small.writeBufferBytes(),
                small.deadLetterBytes(),
                small.flushThreads(),
                small.foldFragments());
    }

    private Append next(int late, int lateSteps, int duplicate, int replaced) throws InvalidBatchException {
        Source source = sources.get(random.nextInt(sources.size()));
        int rows = 1 + random.nextInt(random.nextBoolean() ? 12 : 80);
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            int step = source.step++;
            Row row = new Row(TestEngine.T0 + step * SECOND, random.nextInt(3));
            if (percent(late)) {
                source.heldBack.add(row);
            } else {
                send(source, row, builder);
            }
            for (int held = source.heldBack.size() - 1; held >= 0; held--) {
                if (random.nextInt(lateSteps) == 0) {
                    send(source, source.heldBack.remove(held), builder);
                }
            }
            if (percent(duplicate) && !source.sent.isEmpty()) {
                send(source, any(source), builder);
            }
            if (percent(replaced) && !source.sent.isEmpty()) {
                Row before = any(source);
                send(source, new Row(before.eventTime, before.value + 1 + random.nextInt(2)), builder);
            }
        }
        boolean none = builder.readingCount() == 0;
        if (none) {
            send(source, new Row(TestEngine.T0 + source.step++ * SECOND, 1), builder);
        }
        int agent = random.nextInt(10) == 0 ? 1 : 0;
        Batch batch = random.nextBoolean() ? builder.buildByTime() : builder.build();
        byte[] encoded = BatchCodec.encode(batch);
        long first = sequences[agent];
        sequences[agent] += batch.readingCount();
        return new Append(
                new Origin("agent-" + agent, 1),
                first,
                batch.readingCount(),
                random.nextBoolean()
                        ? BatchCodec.decode(encoded, BatchLimits.DEFAULT)
                        : BatchCodec.decodeToKeep(encoded, BatchLimits.DEFAULT, new KnownDevices()),
                null,
                encoded,
                List.of());
    }

    private boolean percent(int rate) {
        return random.nextInt(100) < rate;
    }

    /** A row that was sent: one of the last ones, more often than not. */
    private Row any(Source source) {
        int size = source.sent.size();
        return source.sent.get(
                random.nextInt(3) > 0 ? size - 1 - random.nextInt(Math.min(10, size)) : random.nextInt(size));
    }

    private void send(Source source, Row row, BatchBuilder builder) {
        source.sent.add(row);
        builder.row(source.device, row.eventTime, row.eventTime + 5);
        builder.set("a", row.value == 2 ? -0.0 : row.value);
        if (source.dense || random.nextInt(4) > 0) {
            builder.set("b", (long) row.value);
            builder.set("c", "text" + row.value);
        }
        if (source.dense || random.nextBoolean()) {
            builder.set("d", row.value > 0);
        }
    }

    private static int blocksOf(TestEngine engine, String device) {
        int blocks = 0;
        try (BlockCursor cursor =
                engine.engine.reader().read(device, Set.of("a"), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            while (cursor.next() != null) {
                blocks++;
            }
        }
        return blocks;
    }

    private static int buckets(StoreOracle oracle, String device, long bucketNs) {
        Set<Long> buckets = new HashSet<>();
        oracle.stored.forEach((series, held) -> {
            if (series.device().equals(device)) {
                held.keySet().forEach(time -> buckets.add(Math.floorDiv(time, bucketNs)));
            }
        });
        return buckets.size();
    }
}
