package io.tributary.collector.ingest;

import java.util.ArrayDeque;

/**
 * Bytes of memory that deliveries may take between their arrival and their durability, over all agents. Who finds it
 * exhausted waits in line; while a stream waits it asks gRPC for nothing more, so that the pressure reaches the agent
 * through HTTP/2 flow control.
 *
 * <p>One request larger than the whole budget is let in when nothing else is in flight: a limit must slow such an agent
 * down, not stop it for ever.
 */
final class InFlightBudget {
    private final long limitBytes;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    // Guarded by this.
    private long usedBytes;

    private record Waiter(long bytes, Runnable granted) {}

    InFlightBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * @param granted run on the thread of a later {@link #release}, the bytes then being taken; must not block
     * @return true when the bytes are taken at once and {@code granted} will not be run
     */
    boolean acquire(long bytes, Runnable granted) {
        synchronized (this) {
            if (waiters.isEmpty() && fits(bytes)) {
                usedBytes += bytes;
                return true;
            }
            waiters.add(new Waiter(bytes, granted));
            return false;
        }
    }

    void release(long bytes) {
        ArrayDeque<Runnable> ready = new ArrayDeque<>(2);
        synchronized (this) {
            usedBytes -= bytes;
            while (!waiters.isEmpty() && fits(waiters.peek().bytes)) {
                Waiter next = waiters.remove();
                usedBytes += next.bytes;
                ready.add(next.granted);
            }
        }
        ready.forEach(Runnable::run);
    }

    private boolean fits(long bytes) {
        return usedBytes == 0 || usedBytes + bytes <= limitBytes;
    }

    synchronized long usedBytes() {
        return usedBytes;
    }

    /** Streams in line. */
    synchronized int waiting() {
        return waiters.size();
    }

    /** 0 to 1: how much of it is taken; 1 while anybody waits. */
    synchronized double load() {
        return waiters.isEmpty() ? Math.min(1, (double) usedBytes / limitBytes) : 1;
    }

    long limitBytes() {
        return limitBytes;
    }
}
