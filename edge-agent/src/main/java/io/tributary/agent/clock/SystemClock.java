package io.tributary.agent.clock;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The machine's clocks. */
public final class SystemClock implements Clock {
    private final InstantSource wall = InstantSource.system();

    @Override
    public long wallNs() {
        Instant now = wall.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    @Override
    public long monotonicNs() {
        return System.nanoTime();
    }
}
