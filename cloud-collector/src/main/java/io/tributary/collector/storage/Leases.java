package io.tributary.collector.storage;

import java.util.concurrent.TimeUnit;

/**
 * Who is inside the database. Closing it under a reader would take the process down, so closing waits for readers, and
 * readers that come later are refused. Any thread.
 */
final class Leases {
    /** A cursor that somebody forgot to close; its database is left open rather than the process taken down. */
    private static final long CLOSE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private int held;
    private boolean closed;

    /** @throws IllegalStateException when the engine is closed */
    synchronized void acquire() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        held++;
    }

    synchronized void release() {
        held--;
        notifyAll();
    }

    /** @return false when leases are still held after a wait */
    synchronized boolean close() {
        closed = true;
        long deadline = System.nanoTime() + CLOSE_WAIT_NANOS;
        boolean interrupted = false;
        while (held > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return held == 0;
    }
}
