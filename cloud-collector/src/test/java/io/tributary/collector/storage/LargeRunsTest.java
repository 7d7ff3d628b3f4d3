package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.KnownDevices;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Large deliveries of one device, whose columns go from the wire into chunks as they are: several in one head, in order,
 * overlapping, with late rows, over the ends of buckets. Every reading and every count is that of {@link StoreOracle}.
 */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
class LargeRunsTest {
    private static final long SECOND = ModelTraffic.SECOND;

    @TempDir(factory = StoreModelTest.Memory.class)
    private Path directory;

    private Random random = new Random();
    private final long[] sequences = new long[2];
    private final long[] nextStep = new long[2];
    private long nowNs = TestEngine.T0 + 90_000 * SECOND;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void largeRuns_keepReadingsAndCounts(long seed) throws IOException, InvalidBatchException {
        random = new Random(seed);
        ModelTraffic checked = new ModelTraffic(random);
        checked.span = 8000;
        StoreOracle oracle = new StoreOracle();
        EngineOptions options = TestEngine.options(2, 2 + random.nextInt(7));
        TestEngine engine = open(options);
        try {
            for (int step = 0; step < 30; step++) {
                Append append = next(seed % 3);
                oracle.append(append, engine.append(append));
                int kind = random.nextInt(12);
                if (kind < 3) {
                    engine.engine.flush();
                } else if (kind == 3) {
                    nowNs += 70 * SECOND;
                    engine.finishFolds();
                } else if (kind == 4) {
                    engine.close();
                    engine = open(options);
                }
                ModelChecks checks = new ModelChecks(engine, oracle, checked, random, true);
                checks.checkReadings();
                checks.checkReadings();
                checks.checkCatalog();
                checks.checkAccounts();
            }
            engine.engine.flush();
            nowNs += 4 * 3600 * SECOND;
            engine.finishFolds();
            ModelChecks checks = new ModelChecks(engine, oracle, checked, random, true);
            for (int i = 0; i < 6; i++) {
                checks.checkReadings();
            }
            checks.checkAccounts();
        } finally {
            engine.close();
        }
    }

    @Test
    void largeRunsInOrder_areAFragmentEach() throws IOException, InvalidBatchException {
        EngineOptions small = TestEngine.options(1, 100);
        try (TestEngine engine = open(small)) {
            for (int i = 0; i < 3; i++) {
                engine.append(append(run(0, i * 100L, 100), 0));
            }
            engine.engine.flush();
            assertThat(blocks(engine)).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                engine.append(append(run(0, 1000 + i * 5L, 5), 0));
            }
            engine.engine.flush();
            assertThat(blocks(engine)).isEqualTo(4);
        }
    }

    private static int blocks(TestEngine engine) {
        int blocks = 0;
        try (BlockCursor cursor =
                engine.engine.reader().read("d0", Set.of("a"), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            while (cursor.next() != null) {
                blocks++;
            }
        }
        return blocks;
    }

    private TestEngine open(EngineOptions options) throws IOException {
        EngineOptions withBuckets = new EngineOptions(
                options.partitions(),
                Duration.ofMinutes(20),
                options.queueBytes(),
                options.queueWait(),
                options.groupBytes(),
                options.headBytes(),
                options.headAge(),
                options.recoveryLogBytes(),
                options.logBytes(),
                options.blockCacheBytes(),
                options.writeBufferBytes(),
                options.deadLetterBytes(),
                options.flushThreads(),
                options.foldFragments());
        return new TestEngine(directory, withBuckets, () -> Instant.ofEpochSecond(0, nowNs));
    }

    /** @param faults 0: everything in order; 1: runs overlap; 2: late rows in them, too */
    private Append next(long faults) throws InvalidBatchException {
        int device = random.nextInt(2);
        int rows = 60 + random.nextInt(340);
        long from = nextStep[device];
        if (faults > 0 && random.nextInt(4) == 0) {
            from = Math.max(0, from - random.nextInt(600));
        }
        nextStep[device] = Math.max(nextStep[device], from + rows);
        BatchBuilder builder = run(device, from, rows);
        for (int i = 0; faults > 1 && i < random.nextInt(4); i++) {
            row(builder, device, Math.max(0, from - random.nextInt(900)));
        }
        return append(builder, random.nextInt(8) == 0 ? 1 : 0);
    }

    private BatchBuilder run(int device, long from, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            row(builder, device, from + i);
        }
        return builder;
    }

    private void row(BatchBuilder builder, int device, long step) {
        long event = TestEngine.T0 + step * SECOND;
        builder.row(Device.of("d" + device), event, event + 5)
                .set("a", random.nextDouble())
                .set("b", random.nextLong())
                .set(Channel.of("c", ValueType.DOUBLE), random.nextGaussian(), random.nextInt(50) == 0 ? 0x80 : 0);
    }

    private Append append(BatchBuilder builder, int agent) throws InvalidBatchException {
        Batch batch = random.nextBoolean() ? builder.buildByTime() : builder.build();
        byte[] encoded = BatchCodec.encode(batch);
        long first = sequences[agent];
        sequences[agent] += batch.readingCount();
        return new Append(
                new Origin("agent-" + agent, 1),
                first,
                batch.readingCount(),
                BatchCodec.decodeToKeep(encoded, BatchLimits.DEFAULT, new KnownDevices()),
                null,
                encoded,
                List.of());
    }
}
