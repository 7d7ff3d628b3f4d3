package io.tributary.sim;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What the program takes from the machine.
 *
 * @param wall the time of day
 * @param nanoTime a monotonic clock, for waits and rates
 */
record Environment(InstantSource wall, LongSupplier nanoTime, StopSignal stop) {
    long nowNs() {
        Instant now = wall.instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }
}
