package io.tributary.collector.ingest;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the next message of a stream come, or makes it wait when its agent sends more than its rate: it then fills its
 * credit and the connection's window, and stops by itself. Nothing is refused, nothing is lost. Any thread.
 */
final class Pacing {
    private final AgentPipe pipe;
    private final IngestMetrics metrics;
    private final LongSupplier nanoTime;
    // Guarded by this.
    private @Nullable AgentRate rate;
    private boolean waiting;
    private long untilNanos;

    Pacing(AgentPipe pipe, IngestMetrics metrics, LongSupplier nanoTime) {
        this.pipe = pipe;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
    }

    /** The agent is known. */
    synchronized void limit(AgentRate ofAgent) {
        rate = ofAgent;
    }

    synchronized void delivered(long readings, long bytes) {
        if (rate != null) {
            rate.spend(readings, bytes, nanoTime.getAsLong());
        }
    }

    synchronized long creditBytes(long shareBytes, long batchBytesMax) {
        return rate == null ? shareBytes : rate.creditBytes(shareBytes, batchBytesMax);
    }

    /** The last message is dealt with. */
    void request() {
        synchronized (this) {
            long now = nanoTime.getAsLong();
            long wait = rate == null ? 0 : rate.waitNanos(now);
            if (wait > 0) {
                waiting = true;
                untilNanos = now + wait;
                metrics.ratePauses.inc();
                metrics.pausedStreams.incrementAndGet();
                return;
            }
        }
        pipe.request();
    }

    void tick(long nowNanos) {
        if (resumes(nowNanos, false)) {
            pipe.request();
        }
    }

    void ended() {
        var unused = resumes(0, true);
    }

    private synchronized boolean resumes(long nowNanos, boolean atOnce) {
        if (!waiting || (!atOnce && nowNanos - untilNanos < 0)) {
            return false;
        }
        waiting = false;
        metrics.pausedStreams.decrementAndGet();
        return true;
    }
}
