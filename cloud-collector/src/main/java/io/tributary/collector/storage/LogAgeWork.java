package io.tributary.collector.storage;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops log that is older than it may become, so that erased readings are gone from it within a known time. What is not in
 * chunks yet stays, whatever its age. Called by one thread at a time.
 */
final class LogAgeWork {
    private static final Logger LOG = LoggerFactory.getLogger(LogAgeWork.class);
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
        parts.checkpoint().run();
        try {
            parts.log().dropOlder(now - age.toNanos(), parts.checkpoint().durable());
        } catch (IOException e) {
            LOG.warn("old log cannot be dropped: {}", e.getMessage());
        }
    }
}
