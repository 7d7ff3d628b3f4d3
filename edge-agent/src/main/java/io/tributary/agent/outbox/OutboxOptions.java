package io.tributary.agent.outbox;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code outbox} of the configuration.
 *
 * @param path directory, made when it is not there
 * @param size queued batches on disk; RocksDB takes up to {@code writeBuffer} more for its log and a third more while it
 *     compacts
 * @param maxAge readings that wait longer are evicted; null: never
 * @param queue readings that wait in memory for their group's fsync
 * @param linger how long a group waits for more before it is synced: fewer, fuller batches against a later
 *     acknowledgement
 * @param batchReadings a group becomes several batches above this
 * @param deadLetters all dead letters together; the oldest go first
 * @param deadLetterBytesMax the payload that is kept of one
 * @param writeBuffer RocksDB's memtable; also bounds its log
 * @param blockCache RocksDB's cache of blocks read back
 */
public record OutboxOptions(
        Path path,
        @Default("1GiB") ByteSize size,
        @Nullable Duration maxAge,
        @Default("evict-oldest") WhenFull whenFull,
        @Default("8MiB") ByteSize queue,
        @Default("5ms") Duration linger,
        @Default("8192") int batchReadings,
        @Default("16MiB") ByteSize deadLetters,
        @Default("64KiB") ByteSize deadLetterBytesMax,
        @Default("4MiB") ByteSize writeBuffer,
        @Default("2MiB") ByteSize blockCache) {
    private static final long MIB = 1 << 20;

    public OutboxOptions {
        atLeast("size", size, MIB);
        atLeast("queue", queue, 64 << 10);
        atLeast("dead-letters", deadLetters, 64 << 10);
        atLeast("write-buffer", writeBuffer, 256 << 10);
        atLeast("block-cache", blockCache, 256 << 10);
        if (deadLetterBytesMax.bytes() > deadLetters.bytes() / 4) {
            throw new IllegalArgumentException("dead-letter-bytes-max is " + deadLetterBytesMax
                    + ", expected at most a quarter of dead-letters, " + deadLetters);
        }
        if (maxAge != null && maxAge.toSeconds() < 1) {
            throw new IllegalArgumentException("max-age is " + maxAge + ", expected at least 1s");
        }
        if (linger.isNegative() || linger.toMillis() > 1_000) {
            throw new IllegalArgumentException("linger is " + linger.toMillis() + " ms, expected 0 to 1000 ms");
        }
        if (batchReadings < 1 || batchReadings > 100_000) {
            throw new IllegalArgumentException("batch-readings is " + batchReadings + ", expected 1 to 100000");
        }
    }

    private static void atLeast(String key, ByteSize value, long min) {
        if (value.bytes() < min) {
            throw new IllegalArgumentException(key + " is " + value + ", expected at least " + new ByteSize(min));
        }
    }
}
