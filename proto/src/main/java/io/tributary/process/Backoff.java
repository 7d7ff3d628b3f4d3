package io.tributary.process;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Full jitter: a uniformly random delay below a bound that doubles with every failure. Spreads a fleet that lost its
 * collector at one moment over the whole interval (M. Brooker, "Exponential Backoff And Jitter", 2015).
 */
public final class Backoff {
    private final long baseNs;
    private final long maxNs;
    private final RandomGenerator random;
    private int failures;

    public Backoff(Duration base, Duration max, RandomGenerator random) {
        this.baseNs = base.toNanos();
        this.maxNs = max.toNanos();
        this.random = random;
    }

    /** ns until the next attempt. */
    public long failed() {
        int doublings = Math.min(failures++, 30);
        long bound = baseNs > maxNs >> doublings ? maxNs : baseNs << doublings;
        return random.nextLong(bound + 1);
    }

    public void succeeded() {
        failures = 0;
    }
}
