package io.tributary.collector.ingest;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When turned-away agents shall come back: each gets a slot of its own, so that a fleet that lost its collector at one
 * moment does not return at one moment. Slots are handed out {@code spacing} apart from {@code base} on and moved by up
 * to one spacing at random; beyond {@code max} they are anywhere within it, as the line is then longer than anybody
 * should wait. The busier the collector is, the further apart they are: an agent that comes back brings its backlog.
 */
final class RetrySlots {
    /** How much further apart slots are when the collector has no memory left for deliveries. */
    private static final int SLOWEST = 10;

    private final long baseNanos;
    private final long spacingNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    // Guarded by this: the last slot handed out, on the nanoTime axis.
    private long lastSlot;
    private boolean any;

    RetrySlots(Duration base, int agentsPerSecond, Duration max, RandomGenerator random) {
        this.baseNanos = base.toNanos();
        this.spacingNanos = 1_000_000_000L / agentsPerSecond;
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /**
     * @param nowNanos monotonic
     * @param load of the collector, 0 to 1
     */
    synchronized Duration next(long nowNanos, double load) {
        long spacing = (long) (spacingNanos * (1 + (SLOWEST - 1) * Math.min(1, Math.max(0, load))));
        long earliest = nowNanos + baseNanos;
        if (!any || lastSlot + spacing - earliest < 0) {
            lastSlot = earliest;
            any = true;
        } else {
            lastSlot += spacing;
        }
        long delay = lastSlot - nowNanos + random.nextLong(spacing);
        if (delay > maxNanos) {
            lastSlot = nowNanos + maxNanos;
            delay = baseNanos + random.nextLong(Math.max(1, maxNanos - baseNanos));
        }
        return Duration.ofNanos(delay);
    }
}
