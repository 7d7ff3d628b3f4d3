package io.tributary.agent.uplink;

/**
 * How much backlog may be on its way at once, so that a live batch behind it arrives soon even where the link is slow. Credit
 * is what the collector can hold; this is what the link carries in a fraction of a second.
 *
 * <p>As TCP Vegas and LEDBAT do, by delay: acknowledgements that take little longer than the quickest ones say that the link
 * has room, and the window grows; when they take longer by more than {@link #TARGET_NS}, bytes wait in buffers, and it shrinks.
 * The quickest is taken over the last minutes, as routes change. The forwarder's thread.
 */
final class Pace {
    /** What may wait in front of a live batch; the rest of the second that live readings have is for what TCP sends again. */
    private static final long TARGET_NS = 200_000_000L;

    private static final long BASE_WINDOW_NS = 60_000_000_000L;
    /** Half a second at 256 kbit/s, which is what loss leaves of a bad link; some 7,000 readings when they are joined. */
    private static final long LEAST_BYTES = 16 << 10;

    private long windowBytes = 2 * LEAST_BYTES;
    private long baseNs = Long.MAX_VALUE;
    private long nextBaseNs = Long.MAX_VALUE;
    private long baseUntilNs;
    private long shrunkAtNs = Long.MIN_VALUE / 2;

    /** Backlog may be sent while no more than this is on its way. */
    long windowBytes() {
        return windowBytes;
    }

    /**
     * A batch was acknowledged.
     *
     * @param sentNs when it was sent
     * @param bytes of it
     * @param full whether the window was what held back more
     */
    void acknowledged(long nowNs, long sentNs, int bytes, boolean full, long creditBytes) {
        long took = nowNs - sentNs;
        if (nowNs >= baseUntilNs) {
            // A standing queue would pass for the link's own delay: it is let run empty once.
            baseNs = Math.min(nextBaseNs, took);
            nextBaseNs = Long.MAX_VALUE;
            baseUntilNs = nowNs + BASE_WINDOW_NS;
            windowBytes = Math.max(LEAST_BYTES, windowBytes / 2);
        }
        baseNs = Math.min(baseNs, took);
        nextBaseNs = Math.min(nextBaseNs, took);
        long waited = took - baseNs;
        if (waited > TARGET_NS) {
            if (nowNs - shrunkAtNs > took) { // once per round trip
                shrunkAtNs = nowNs;
                windowBytes = Math.max(LEAST_BYTES, windowBytes * 3 / 4);
            }
        } else if (full) {
            // Doubles per round trip far from the target, grows slowly near it.
            long growth = (long) (bytes * (1 - (double) waited / TARGET_NS));
            windowBytes = Math.min(Math.max(creditBytes, LEAST_BYTES), windowBytes + growth);
        }
    }
}
