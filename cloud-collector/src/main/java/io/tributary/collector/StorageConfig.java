package io.tributary.collector;

import io.tributary.collector.storage.EngineOptions;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.time.Duration;

/** Section {@code storage} of the configuration; README.md describes the keys. */
record StorageConfig(
        @Default("64") int partitions,
        @Default("1d") Duration bucket,
        @Default("16MiB") ByteSize queue,
        @Default("4MiB") ByteSize group,
        @Default("64MiB") ByteSize heads,
        @Default("10m") Duration headAge,
        @Default("128MiB") ByteSize recoveryLog,
        @Default("1GiB") ByteSize log,
        @Default("32MiB") ByteSize blockCache,
        @Default("32MiB") ByteSize writeBuffer,
        @Default("64MiB") ByteSize deadLetters,
        @Default("1") int flushThreads,
        @Default("8") int foldFragments,
        @Default("1h") Duration coldAfter,
        @Default("64MiB") ByteSize chunkCache,
        @Default("16MiB") ByteSize summaryCache) {
    StorageConfig {
        // The engine knows its limits; what it refuses is a problem of this section.
        options(
                partitions,
                bucket,
                queue,
                group,
                heads,
                headAge,
                recoveryLog,
                log,
                blockCache,
                writeBuffer,
                deadLetters,
                flushThreads,
                foldFragments,
                coldAfter,
                chunkCache,
                summaryCache);
    }

    EngineOptions options() {
        return options(
                partitions,
                bucket,
                queue,
                group,
                heads,
                headAge,
                recoveryLog,
                log,
                blockCache,
                writeBuffer,
                deadLetters,
                flushThreads,
                foldFragments,
                coldAfter,
                chunkCache,
                summaryCache);
    }

    private static EngineOptions options(
            int partitions,
            Duration bucket,
            ByteSize queue,
            ByteSize group,
            ByteSize heads,
            Duration headAge,
            ByteSize recoveryLog,
            ByteSize log,
            ByteSize blockCache,
            ByteSize writeBuffer,
            ByteSize deadLetters,
            int flushThreads,
            int foldFragments,
            Duration coldAfter,
            ByteSize chunkCache,
            ByteSize summaryCache) {
        return new EngineOptions(
                partitions,
                bucket,
                queue.bytes(),
                // Ingest does not let its threads wait: it tries again when something else has become durable.
                Duration.ZERO,
                group.bytes(),
                heads.bytes(),
                headAge,
                recoveryLog.bytes(),
                log.bytes(),
                blockCache.bytes(),
                writeBuffer.bytes(),
                deadLetters.bytes(),
                flushThreads,
                foldFragments,
                coldAfter,
                chunkCache.bytes(),
                summaryCache.bytes());
    }
}
