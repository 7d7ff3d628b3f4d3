package io.tributary.collector.storage;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.collector.partition.Waiting;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Column;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.KnownDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An engine under test, with appends that wait for their callback. */
public final class TestEngine implements AutoCloseable {
    static final long T0 = 1_700_000_000_000_000_000L;
    static final EngineOptions SMALL = options(4, 3);

    final TimeSeriesEngine engine;
    final PrometheusRegistry metrics = new PrometheusRegistry();

    TestEngine(Path directory, EngineOptions options) throws IOException {
        this(directory, options, () -> Instant.ofEpochSecond(T0 / 1_000_000_000L));
    }

    TestEngine(Path directory, EngineOptions options, InstantSource clock) throws IOException {
        this(directory, options, LifecycleOptions.NONE, clock);
    }

    TestEngine(Path directory, EngineOptions options, LifecycleOptions lifecycle, InstantSource clock)
            throws IOException {
        engine = TimeSeriesEngine.open(directory, options, lifecycle, clock, metrics);
    }

    /** Small budgets, buckets of a minute. */
    public static EngineOptions options(int partitions, int foldFragments) {
        return new EngineOptions(
                partitions,
                Duration.ofMinutes(1),
                1 << 20,
                Duration.ofSeconds(30),
                64 << 10,
                8 << 20,
                Duration.ofDays(1),
                4 << 20,
                16 << 20,
                4 << 20,
                4 << 20,
                1 << 20,
                1,
                foldFragments);
    }

    /** Does at once what the background would do about retention and erasures. */
    void finishLifecycle() {
        ((RocksEngine) engine).finishLifecycle();
    }

    /** Does at once what the background would do about fragments. */
    void finishFolds() {
        ((RocksEngine) engine).finishFolds();
    }

    /** @return the collector time */
    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    long append(String agent, long epoch, long first, Batch batch) {
        byte[] encoded = BatchCodec.encode(batch);
        Batch decoded;
        try {
            decoded = BatchCodec.decodeToKeep(encoded, BatchLimits.DEFAULT, new KnownDevices());
        } catch (InvalidBatchException e) {
            throw new AssertionError(e);
        }
        return append(
                new Append(new Origin(agent, epoch), first, batch.readingCount(), decoded, null, encoded, List.of()));
    }

    long append(Append append) {
        Waiting waiting = new Waiting();
        if (!engine.writer().append(append, waiting)) {
            throw new AssertionError("append refused");
        }
        return waiting.join();
    }

    @SuppressWarnings("NullAway")
    long appendRejected(String agent, long epoch, long first, Batch kept, long[][] sequences, RejectedRows... rows) {
        long rejected = List.of(rows).stream().mapToLong(RejectedRows::readings).sum();
        return append(new Append(
                new Origin(agent, epoch), first, kept.readingCount() + rejected, kept, sequences, null, List.of(rows)));
    }

    void loss(String agent, long epoch, long first, long count, String cause) {
        Waiting waiting = new Waiting();
        if (!engine.writer().recordLoss(new Origin(agent, epoch), first, count, cause, waiting)) {
            throw new AssertionError("loss refused");
        }
        waiting.join();
    }

    /** Values of a series by event time, in the order of the cursor. */
    TreeMap<Long, Object> series(String device, String channel) {
        TreeMap<Long, Object> values = new TreeMap<>();
        try (BlockCursor cursor =
                engine.reader().read(device, java.util.Set.of(channel), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                for (int i = 0; i < block.channels().size(); i++) {
                    SeriesSlice slice = block.slice(i);
                    for (int row = 0; row < slice.size(); row++) {
                        values.put(slice.eventTimes()[row], value(slice.values(), row));
                    }
                }
            }
        }
        return values;
    }

    static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG -> column.longs()[index];
            case BOOL -> column.longs()[index] == 1;
            case STRING -> column.strings()[index];
        };
    }

    /** What kill -9 leaves: the files as they are while the engine is open. */
    static Path copy(Path directory, Path target) throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            Path to = attempt == 0 ? target : target.resolveSibling(target.getFileName() + "-" + attempt);
            Files.createDirectories(to);
            List<Path> files;
            try (Stream<Path> listed = Files.list(directory)) {
                files = new ArrayList<>(listed.filter(Files::isRegularFile).toList());
            }
            // The write-ahead log first: what is in files that appear later is in it, too.
            files.sort(Comparator.comparing(file ->
                    file.toString().endsWith(".log") ? 0 : file.toString().endsWith(".sst") ? 2 : 1));
            try {
                for (Path file : files) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
                copyLog(directory, to); // what the database knows of is in it
                return to;
            } catch (NoSuchFileException e) {
                // a compaction took a file away in the meantime: once more
            }
        }
        throw new IOException("files change faster than they can be copied");
    }

    /** The segments of the log, which lie in a directory of their own. */
    static void copyLog(Path directory, Path target) throws IOException {
        Path log = Files.createDirectories(target.resolve(RocksEngine.LOG_DIRECTORY));
        for (Path segment : segments(directory)) {
            Files.copy(segment, log.resolve(segment.getFileName()));
        }
    }

    /** From the oldest to the newest. */
    static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> listed = Files.list(directory.resolve(RocksEngine.LOG_DIRECTORY))) {
            return listed.sorted().toList();
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
