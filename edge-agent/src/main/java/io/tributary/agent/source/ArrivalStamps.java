package io.tributary.agent.source;

import io.tributary.agent.clock.Clock;

/**
 * Arrival times that never repeat: two messages without a time of their own are two readings, and a series keeps one
 * reading per event time. Any thread.
 */
public final class ArrivalStamps {
    private final Clock clock;
    private long last = Long.MIN_VALUE;

    public ArrivalStamps(Clock clock) {
        this.clock = clock;
    }

    /**
     * Wall-clock time in ns since the epoch. Within a microsecond, which is what a clock resolves, messages are told
     * apart by counting up; when the clock is set back the stamps follow it.
     */
    public synchronized long next() {
        long now = clock.wallNs();
        boolean sameInstant = now <= last && last - now < 1_000_000;
        last = sameInstant ? last + 1 : now;
        return last;
    }
}
