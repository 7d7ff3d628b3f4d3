package io.tributary.sim;

import io.tributary.sim.row.Row;
import java.util.function.LongSupplier;

/** Says how long a row has to wait: for its event time, and for the rate. Used by one thread. */
final class Pacer {
    private final Speed speed;
    private final double readingsPerSecond;
    private final LongSupplier nanoTime;
    private boolean started;
    private long startNanos;
    private long firstEventNs;
    private long readings;

    /** @param readingsPerSecond 0: without a limit */
    Pacer(Speed speed, double readingsPerSecond, LongSupplier nanoTime) {
        this.speed = speed;
        this.readingsPerSecond = readingsPerSecond;
        this.nanoTime = nanoTime;
    }

    /** ns from now; 0 or less when the row is due. Each row is asked for once, in order. */
    long waitNanos(Row row) {
        long now = nanoTime.getAsLong();
        if (!started) {
            started = true;
            startNanos = now;
            firstEventNs = row.eventTimeNs();
        }
        double due = speed.isMax() ? 0 : (row.eventTimeNs() - firstEventNs) / speed.factor();
        if (readingsPerSecond > 0) {
            due = Math.max(due, readings / readingsPerSecond * 1e9);
        }
        readings += row.size();
        return (long) due - (now - startNanos);
    }
}
