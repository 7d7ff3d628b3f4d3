package io.tributary.collector.query;

import java.time.Instant;

/** Instants as the {@code long} of all times inside: ns since the Unix epoch, for the years 1678 to 2261. */
public final class EpochNanos {
    private static final long SECOND = 1_000_000_000L;

    private EpochNanos() {}

    /** @throws ArithmeticException outside of those years */
    public static long of(Instant instant) {
        long seconds = instant.getEpochSecond();
        // From below, as the product of a negative number of seconds may overflow before the nanoseconds are added.
        return seconds < 0
                ? Math.addExact(Math.multiplyExact(seconds + 1, SECOND), instant.getNano() - SECOND)
                : Math.addExact(Math.multiplyExact(seconds, SECOND), instant.getNano());
    }

    public static Instant instant(long ns) {
        return Instant.ofEpochSecond(Math.floorDiv(ns, SECOND), Math.floorMod(ns, SECOND));
    }
}
