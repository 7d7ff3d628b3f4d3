package io.tributary.agent.clock;

/** Moves when a test says so. */
public final class ManualClock implements Clock {
    private volatile long wallNs = 1_700_000_000_000_000_000L;
    private volatile long monotonicNs;

    @Override
    public long wallNs() {
        return wallNs;
    }

    @Override
    public long monotonicNs() {
        return monotonicNs;
    }

    public void advance(long ns) {
        wallNs += ns;
        monotonicNs += ns;
    }

    public void setWall(long ns) {
        wallNs = ns;
    }
}
