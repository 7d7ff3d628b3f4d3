package io.tributary.collector.storage;

import java.time.Duration;

/**
 * Every budget of the engine.
 *
 * @param partitions fixed when the store is created, checked at every later start
 * @param bucket width of a time bucket of chunks; fixed when the store is created
 * @param queueBytes of appends that wait for the committer
 * @param queueWait how long an append waits for room before it is refused
 * @param groupBytes of log records in one group commit
 * @param headBytes of all heads, active and flushing; ingest waits while it is used up
 * @param headAge a head is flushed when its oldest reading has waited this long
 * @param recoveryLogBytes of log that a start may have to replay: heads that hold back more are flushed
 * @param logBytes of log kept; whole files of the oldest records go first
 * @param blockCacheBytes RocksDB's cache of read blocks, indexes and filters
 * @param writeBufferBytes RocksDB's memtables
 * @param deadLetterBytes kept at most
 * @param flushThreads background threads that flush heads and fold fragments
 * @param foldFragments fragments of a device in a bucket at which they are folded into one
 * @param coldAfter how long after its end, and after the last reading for it, a bucket is folded for good
 * @param chunkCacheBytes of opened chunks on the heap, of devices that queries ask for
 * @param summaryCacheBytes of latest readings and statistics on the heap, of devices that queries ask for
 */
public record EngineOptions(
        int partitions,
        Duration bucket,
        long queueBytes,
        Duration queueWait,
        long groupBytes,
        long headBytes,
        Duration headAge,
        long recoveryLogBytes,
        long logBytes,
        long blockCacheBytes,
        long writeBufferBytes,
        long deadLetterBytes,
        int flushThreads,
        int foldFragments,
        Duration coldAfter,
        long chunkCacheBytes,
        long summaryCacheBytes) {
    private static final long MIB = 1 << 20;

    public static final EngineOptions DEFAULT = new EngineOptions(
            64,
            Duration.ofDays(1),
            16 * MIB,
            Duration.ofSeconds(5),
            4 * MIB,
            64 * MIB,
            Duration.ofMinutes(10),
            128 * MIB,
            1024 * MIB,
            32 * MIB,
            32 * MIB,
            64 * MIB,
            1,
            8,
            Duration.ofHours(1),
            64 * MIB,
            16 * MIB);

    /** With buckets that are folded for good after an hour, and caches in proportion to the block cache. */
    public EngineOptions(
            int partitions,
            Duration bucket,
            long queueBytes,
            Duration queueWait,
            long groupBytes,
            long headBytes,
            Duration headAge,
            long recoveryLogBytes,
            long logBytes,
            long blockCacheBytes,
            long writeBufferBytes,
            long deadLetterBytes,
            int flushThreads,
            int foldFragments) {
        this(
                partitions,
                bucket,
                queueBytes,
                queueWait,
                groupBytes,
                headBytes,
                headAge,
                recoveryLogBytes,
                logBytes,
                blockCacheBytes,
                writeBufferBytes,
                deadLetterBytes,
                flushThreads,
                foldFragments,
                Duration.ofHours(1),
                2 * blockCacheBytes,
                blockCacheBytes / 2);
    }

    public EngineOptions {
        require(partitions >= 1 && partitions <= 4096, "partitions", partitions, "1 to 4096");
        require(bucket.toNanos() >= 1_000_000_000L, "bucket", bucket, "at least 1s");
        require(queueBytes >= MIB, "queue bytes", queueBytes, "at least 1 MiB");
        require(groupBytes >= 64 << 10, "group bytes", groupBytes, "at least 64 KiB");
        require(headBytes >= MIB, "head bytes", headBytes, "at least 1 MiB");
        require(headAge.toMillis() >= 1, "head age", headAge, "at least 1ms");
        require(recoveryLogBytes >= MIB, "recovery log bytes", recoveryLogBytes, "at least 1 MiB");
        require(
                logBytes >= 2 * recoveryLogBytes,
                "log bytes",
                logBytes,
                "at least twice the recovery log bytes of " + recoveryLogBytes);
        require(blockCacheBytes >= MIB, "block cache bytes", blockCacheBytes, "at least 1 MiB");
        require(writeBufferBytes >= MIB, "write buffer bytes", writeBufferBytes, "at least 1 MiB");
        require(deadLetterBytes >= 64 << 10, "dead letter bytes", deadLetterBytes, "at least 64 KiB");
        require(flushThreads >= 1 && flushThreads <= 64, "flush threads", flushThreads, "1 to 64");
        require(foldFragments >= 2, "fold fragments", foldFragments, "at least 2");
        require(coldAfter.toMillis() >= 1, "cold after", coldAfter, "at least 1ms");
        require(chunkCacheBytes >= 0, "chunk cache bytes", chunkCacheBytes, "at least 0");
        require(summaryCacheBytes >= 0, "summary cache bytes", summaryCacheBytes, "at least 0");
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }
}
