package io.tributary.collector.ingest;

import java.util.concurrent.TimeUnit;

/**
 * How much one agent has sent lately, over all its sessions: a bucket of readings and one of bytes, each a second's worth,
 * that a delivery may overdraw. So a delivery of any size is taken whole, and the average holds exactly. Any thread.
 */
final class AgentRate {
    private static final double SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Below what an agent takes for a dead connection (30 s without progress): larger debts are paid in several waits. */
    private static final long WAIT_MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final double readingsPerSecond;
    private final double bytesPerSecond;
    // Guarded by this.
    private double readings;
    private double bytes;
    private long filledNanos;

    /** @param readingsPerSecond and {@code bytesPerSecond}: 0 for no limit */
    AgentRate(long readingsPerSecond, long bytesPerSecond, long nowNanos) {
        this.readingsPerSecond = readingsPerSecond;
        this.bytesPerSecond = bytesPerSecond;
        this.readings = readingsPerSecond;
        this.bytes = bytesPerSecond;
        this.filledNanos = nowNanos;
    }

    synchronized void spend(long moreReadings, long moreBytes, long nowNanos) {
        fill(nowNanos);
        readings -= moreReadings;
        bytes -= moreBytes;
    }

    /** For how long nothing more of this agent should be read; 0 while it keeps to its rate. */
    synchronized long waitNanos(long nowNanos) {
        fill(nowNanos);
        double seconds = Math.max(owed(readings, readingsPerSecond), owed(bytes, bytesPerSecond));
        return Math.min(WAIT_MAX_NANOS, (long) Math.ceil(seconds * SECOND_NANOS));
    }

    /** What it may have unacknowledged: two seconds' worth, and a largest batch at least, as it could not send that at all. */
    long creditBytes(long shareBytes, long batchBytesMax) {
        return bytesPerSecond == 0
                ? shareBytes
                : Math.min(shareBytes, Math.max(batchBytesMax, (long) (2 * bytesPerSecond)));
    }

    private static double owed(double left, double perSecond) {
        return perSecond == 0 || left >= 0 ? 0 : -left / perSecond;
    }

    private void fill(long nowNanos) {
        double seconds = Math.max(0, nowNanos - filledNanos) / SECOND_NANOS;
        readings = Math.min(readingsPerSecond, readings + seconds * readingsPerSecond);
        bytes = Math.min(bytesPerSecond, bytes + seconds * bytesPerSecond);
        filledNanos = nowNanos;
    }
}
