package io.tributary.agent.outbox;

import io.tributary.agent.seal.EncryptionOptions;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code outbox} of the configuration.
 *
 * @param path directory, made when it is not there
 * @param maxBytes all files in the directory together, RocksDB's log, tables, messages and what it needs while it compacts
 * @param thinInterval what {@link WhenFull#THIN} makes one summary of
 * @param classes the first whose patterns match a reading says when it goes
 * @param maxAge readings that wait longer are evicted; null: never
 * @param queue readings that wait in memory for their group's fsync
 * @param linger how long a group waits for more before it is synced: fewer, fuller batches against a later
 *     acknowledgement
 * @param batchReadings a group becomes several batches above this
 * @param deadLetters all dead letters together; the oldest go first
 * @param deadLetterBytesMax the payload that is kept of one
 * @param deadLetterRate of all dead letters per second; further ones wait, or their source drops and counts them
 * @param writeBuffer RocksDB's memtable; also bounds its log
 * @param blockCache RocksDB's cache of blocks read back
 * @param flashBudget of bytes that the process writes to storage in 24 hours before it warns; null: none
 * @param encryption of batches and dead letters on disk; null: none, and nothing that is sealed can be read
 */
public record OutboxOptions(
        Path path,
        @Default("1GiB") ByteSize maxBytes,
        @Nullable Duration maxAge,
        @Default("refuse") WhenFull whenFull,
        @Default("1m") Duration thinInterval,
        @Default("[]") List<ChannelClass> classes,
        @Default("8MiB") ByteSize queue,
        @Default("5ms") Duration linger,
        @Default("8192") int batchReadings,
        @Default("16MiB") ByteSize deadLetters,
        @Default("64KiB") ByteSize deadLetterBytesMax,
        @Default("1MiB") ByteSize deadLetterRate,
        @Default("2MiB") ByteSize writeBuffer,
        @Default("2MiB") ByteSize blockCache,
        @Nullable EncryptionOptions encryption,
        @Nullable ByteSize flashBudget) {
    private static final long MIB = 1 << 20;

    public OutboxOptions {
        classes = List.copyOf(classes);
        atLeast("queue", queue, 64 << 10);
        atLeast("dead-letters", deadLetters, 64 << 10);
        atLeast("dead-letter-rate", deadLetterRate, 1 << 10);
        atLeast("write-buffer", writeBuffer, 256 << 10);
        atLeast("block-cache", blockCache, 256 << 10);
        if (flashBudget != null) {
            atLeast("flash-budget", flashBudget, MIB);
        }
        long least = DiskUse.transitBytes(writeBuffer.bytes(), DiskUse.targetFileBytes(maxBytes.bytes()))
                + DiskUse.PAPERS_BYTES
                + deadLetters.bytes()
                + MIB;
        if (maxBytes.bytes() < least) {
            throw new IllegalArgumentException("max-bytes is " + maxBytes + ", expected at least "
                    + new ByteSize((least + MIB - 1) / MIB * MIB) + " with write-buffer " + writeBuffer
                    + " and dead-letters " + deadLetters + "; lower these for less");
        }
        if (thinInterval.toMillis() < 1) {
            throw new IllegalArgumentException("thin-interval is " + thinInterval + ", expected at least 1ms");
        }
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
