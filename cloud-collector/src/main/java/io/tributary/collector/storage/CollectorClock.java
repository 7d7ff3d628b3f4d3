package io.tributary.collector.storage;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Collector times: the clock's, but each later than every one before, whatever the clock does and across restarts. Used
 * by the committer only.
 */
final class CollectorClock {
    private final InstantSource clock;
    private long last;

    CollectorClock(InstantSource clock, long last) {
        this.clock = clock;
        this.last = last;
    }

    long next() {
        last = Math.max(last + 1, nanos(clock.instant()));
        return last;
    }

    long last() {
        return last;
    }

    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
