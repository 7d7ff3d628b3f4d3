package io.tributary.collector.storage;

import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Drops log that is older than it may become, so that erased readings are gone from it within a known time. What is not in
 * chunks yet is never that old, unless flushing fails: then nothing is dropped. Called by one thread at a time.
 */
final class LogAgeWork {
    private static final long EVERY_NS = Duration.ofHours(1).toNanos();

    private final EngineParts parts;
    private final InstantSource clock;
    private long nextNs = Long.MIN_VALUE;

    LogAgeWork(EngineParts parts, InstantSource clock) {
        this.parts = parts;
        this.clock = clock;
    }

    /** Never has more to do at once. */
    void work() throws RocksDBException {
        Duration age = parts.lifecycle().options().logAge();
        long now = CollectorClock.nanos(clock.instant());
        if (age == null || now < nextNs) {
            return;
        }
        nextNs = now + EVERY_NS;
        if (isFlushedUpTo(now - age.toNanos() / 2)) {
            parts.store().dropLog(age.toSeconds());
        }
    }

    private boolean isFlushedUpTo(long timeNs) {
        for (Partition partition : parts.partitions()) {
            synchronized (partition) {
                if (isOlder(partition.flushing(), timeNs) || isOlder(partition.active(), timeNs)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isOlder(@Nullable Head head, long timeNs) {
        return head != null && head.hasRows() && head.firstCollectorTimeNs() < timeNs;
    }
}
