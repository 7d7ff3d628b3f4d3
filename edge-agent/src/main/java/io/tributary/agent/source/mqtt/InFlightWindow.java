package io.tributary.agent.source.mqtt;

import io.tributary.agent.clock.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Bounds the messages between the broker and the outbox. Any thread. */
final class InFlightWindow {
    private final int messagesMax;
    private final long bytesMax;
    private final Clock clock;
    // Guarded by this.
    private int messages;
    private long bytes;

    InFlightWindow(int messagesMax, long bytesMax, Clock clock) {
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
        this.clock = clock;
    }

    /**
     * Waits for room; a message that is larger than all of it may pass alone.
     *
     * @param stop looked at after each {@link #wake}
     * @return false when there was none for that long, or when it was told to stop
     */
    synchronized boolean enter(long size, long timeoutMillis, BooleanSupplier stop) {
        long until = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (messages >= messagesMax || (messages > 0 && bytes + size > bytesMax)) {
            long left = until - clock.monotonicNs();
            if (stop.getAsBoolean() || left <= 0) {
                return false;
            }
            try {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the library stops its thread
                return false;
            }
        }
        if (stop.getAsBoolean()) {
            return false;
        }
        messages++;
        bytes += size;
        return true;
    }

    synchronized void leave(long size) {
        messages--;
        bytes -= size;
        notifyAll();
    }

    synchronized void wake() {
        notifyAll();
    }

    synchronized int messages() {
        return messages;
    }

    /** @return whether nothing was left before the time was over */
    synchronized boolean awaitEmpty(long timeoutMillis) throws InterruptedException {
        long until = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (messages > 0) {
            long left = until - clock.monotonicNs();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }
}
