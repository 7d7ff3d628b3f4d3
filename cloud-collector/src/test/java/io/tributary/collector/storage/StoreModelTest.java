package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations against the engine and against {@link StoreOracle}, a plain map: deliveries new, late, again and joined
 * of others, losses, flushes, folds, the passing of time and with it retention, erasures, restarts, kills. After each a part
 * of what the engine answers is compared, and every {@value #FULL} operations all of it. A failure tells seed and operation.
 *
 * <p>The build does some thousands. {@code -Dtributary.model.operations=1000000} makes them many, {@code
 * -Dtributary.model.seed=7} begins with another seed; RELIABILITY.md tells of it.
 */
class StoreModelTest {
    private static final long SECOND = ModelTraffic.SECOND;
    private static final long BUCKET = 60 * SECOND;
    /** Of one seed: what is remembered of erasures makes every further operation slower. */
    private static final int OPERATIONS_MAX = 20_000;

    private static final int SEEDS_MIN = 4;
    private static final int FULL = 1000;

    @TempDir(factory = Memory.class)
    Path base;

    private Random random = new Random();
    private StoreOracle oracle = new StoreOracle();
    private ModelTraffic traffic = new ModelTraffic(random);
    private ModelLog log = new ModelLog(oracle, random);
    /** Of the engine that is open. */
    private @Nullable ModelQueries queries;

    private int directories;
    private long nowNs = TestEngine.T0 + 300 * SECOND;
    private boolean exact = true;
    private boolean unfinished;
    private boolean rolledUp;

    static LongStream seeds() {
        long first = Long.getLong("tributary.model.seed", 1);
        return LongStream.range(first, first + Math.max(SEEDS_MIN, all() / OPERATIONS_MAX));
    }

    private static long all() {
        return Long.getLong("tributary.model.operations", 6_000);
    }

    private static int operations() {
        return (int) Math.min(OPERATIONS_MAX, Math.max(1, all() / SEEDS_MIN));
    }

    private static final List<RollupLevel> ROLLUPS = List.of(
            new RollupLevel(Duration.ofSeconds(10), null),
            new RollupLevel(Duration.ofSeconds(60), Duration.ofMinutes(15)));

    /** In memory where there is a place for it: what a disk keeps is not the question here, and fsync takes most of the time. */
    static final class Memory implements TempDirFactory {
        private static final Path SHARED = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            return Files.isWritable(SHARED)
                    ? Files.createTempDirectory(SHARED, "tributary-model")
                    : Files.createTempDirectory("tributary-model");
        }
    }

    private static final LifecycleOptions KEPT = LifecycleOptions.NONE.retention(
            Duration.ofMinutes(9),
            List.of(
                    rule("d0", "*", Map.of(), Duration.ofMinutes(20)),
                    rule("d1", "*", Map.of(), Duration.ofMinutes(3)),
                    rule("*", "c", Map.of(), Duration.ofMinutes(4)),
                    rule("*", "*", Map.of("env", "test"), Duration.ofMinutes(2))));

    private static RetentionRule rule(String device, String channel, Map<String, String> tags, Duration keep) {
        return new RetentionRule(new Glob(device), new Glob(channel), tags, keep);
    }

    private static long keepSeconds(StoreOracle.Series series) {
        return switch (series.device()) {
            case "d0" -> 1200;
            case "d1" -> 180;
            default -> series.channel().equals("c") ? 240 : series.device().equals("d5") ? 120 : 540;
        };
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void operations_agreeWithTheOracle(long seed) throws IOException {
        random = new Random(seed);
        oracle = new StoreOracle();
        traffic = new ModelTraffic(random);
        log = new ModelLog(oracle, random);
        boolean everything = seed % 4 == 0; // nothing expires, nothing is erased: the catalog is exact
        LifecycleOptions lifecycle = everything ? LifecycleOptions.NONE : KEPT;
        rolledUp = seed % 4 < 2;
        lifecycle = rolledUp ? lifecycle.rollups(ROLLUPS) : lifecycle;
        InstantSource clock = () -> Instant.ofEpochSecond(0, nowNs);
        Path directory = base.resolve("0");
        EngineOptions options = TestEngine.options(1 + random.nextInt(4), 2 + random.nextInt(3));
        TestEngine engine = new TestEngine(directory, options, lifecycle, clock);
        int step = 0;
        int kind = 0;
        try {
            if (!everything) {
                expire(engine);
            }
            for (; step < operations(); step++) {
                kind = random.nextInt(10_000);
                if (kind < RESTARTS) {
                    engine.close();
                    engine = new TestEngine(directory, options, lifecycle, clock);
                } else if (kind < KILLS) {
                    Path copy = TestEngine.copy(directory, base.resolve("copy" + directories++));
                    TestEngine abandoned = engine;
                    engine = new TestEngine(copy, options, lifecycle, clock);
                    abandoned.close();
                    delete(directory);
                    directory = copy;
                    unfinished = true; // what an erasure had taken out of the chunks may be in them again, hidden
                } else {
                    operate(engine, kind, everything);
                }
                check(engine, step, kind < KILLS);
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ", operation " + step + " of kind " + kind + ": " + e.getMessage(), e);
        } finally {
            engine.close();
        }
    }

    /** Of 10,000, one behind the other. */
    private static final int RESTARTS = 4;

    private static final int KILLS = 8;
    private static final int ERASURES = 20;
    private static final int PASSING = 36;
    private static final int FINISHES = 56;
    private static final int LOSSES = 200;
    private static final int FLUSHES = 320;
    private static final int AGAIN = 1400;
    private static final int JOINED = 2200;

    private void operate(TestEngine engine, int kind, boolean everything) {
        if (kind < ERASURES && !everything) {
            erase(engine);
        } else if (kind < PASSING && !everything) {
            pass(engine);
        } else if (kind < FINISHES) {
            finish(engine);
        } else if (kind < LOSSES) {
            lose(engine);
        } else if (kind < FLUSHES) {
            engine.engine.flush();
        } else if (kind < AGAIN && !traffic.isEmpty()) {
            deliver(engine, traffic.again());
        } else if (kind < JOINED && !traffic.isEmpty()) {
            deliver(engine, traffic.joined());
        } else {
            deliver(engine, traffic.next());
        }
    }

    private void deliver(TestEngine engine, Append append) {
        oracle.append(append, engine.append(append));
    }

    private void lose(TestEngine engine) {
        Origin origin = new Origin(random.nextBoolean() ? "left" : "right", 1);
        SequenceRange range = traffic.loss(origin);
        String cause = random.nextBoolean() ? "full" : "old";
        engine.loss(origin.agent(), origin.epoch(), range.first(), range.count(), cause);
        oracle.loss(origin, range.first(), range.count(), cause);
    }

    /** Time passes, and what is too old goes. */
    private void pass(TestEngine engine) {
        nowNs += random.nextInt(40) * SECOND;
        expire(engine);
    }

    private void expire(TestEngine engine) {
        exact = false;
        traffic.span = 660;
        traffic.firstSecond = nowNs / SECOND - traffic.span;
        oracle.horizon = series -> Math.floorDiv(nowNs - keepSeconds(series) * SECOND, BUCKET) * BUCKET;
        oracle.expire();
        finish(engine);
    }

    private void erase(TestEngine engine) {
        exact = false;
        boolean patterns = random.nextInt(4) == 0;
        String device = patterns ? random.nextInt(3) == 0 ? "*" : "d[" : "d" + random.nextInt(7);
        device = device.equals("d[") ? "?" + random.nextInt(6) : device;
        List<String> channels = random.nextBoolean() ? List.of() : patterns ? List.of("?") : List.of("a", "d");
        long from = random.nextInt(3) == 0 ? Long.MIN_VALUE : traffic.firstSecond * SECOND;
        from += from == Long.MIN_VALUE ? 0 : random.nextInt(traffic.span) * SECOND;
        long to = random.nextInt(3) == 0 ? Long.MAX_VALUE : Math.max(from, 0) + random.nextInt(200) * SECOND + 1;
        ErasureRequest request = new ErasureRequest(device, channels, patterns, from, to);
        ErasureStatus status = engine.engine.erasures().erase(request);
        assertThat(status.readings()).isEqualTo(oracle.erase(request));
        assertThat(engine.engine.erasures().get(status.id())).isNotNull();
        unfinished = true;
        if (random.nextInt(3) > 0) {
            finish(engine);
        }
    }

    private void finish(TestEngine engine) {
        engine.finishLifecycle();
        unfinished = false;
    }

    /** @param everything whether all of it is compared, as after a restart */
    private void check(TestEngine engine, int step, boolean everything) throws IOException {
        ModelChecks checks = new ModelChecks(engine, oracle, traffic, random, exact);
        boolean full = everything || step % FULL == 0;
        if (step % 500 == 0) {
            engine.engine.flush();
            finish(engine);
            if (rolledUp) {
                checks.checkRollups();
            }
        }
        if (full) {
            checks.checkEverything();
        } else {
            if (step % 4 == 0) {
                checks.checkReadings();
            }
        }
        if (full || step % 40 == 0) {
            checks.checkCatalog();
        }
        if (full || step % 50 == 0) {
            checks.checkReceived();
        }
        if (full || (step % 100 == 0 && !unfinished)) {
            if (unfinished) {
                finish(engine);
            }
            checks.checkAccounts();
        }
        if (queries == null || !queries.isOf(engine)) {
            queries = new ModelQueries(engine, oracle, traffic, random);
        }
        if (full || step % 40 == 10) {
            queries.checkRows();
        }
        if (full || step % 40 == 30) {
            queries.checkWindows();
        }
        if (full || step % 400 == 25) {
            log.check(engine);
        }
        if (random.nextInt(50) == 0) {
            log.mark(engine);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(directory)) {
            all.forEach(files::add);
        }
        files.sort(Comparator.reverseOrder());
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
