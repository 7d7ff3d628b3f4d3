package io.tributary.deploy;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition of another process, which can only be polled. */
final class Await {

    private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();

    private Await() {}

    /** Returns when the condition holds; false when it does not within the time. */
    static boolean holds(Duration timeout, BooleanSupplier condition) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    /** Returns when the condition holds, else fails with what {@code otherwise} says. */
    static void until(Duration timeout, BooleanSupplier condition, Supplier<String> otherwise) {
        if (!holds(timeout, condition)) {
            throw new IllegalStateException(otherwise.get() + " (waited " + timeout.toSeconds() + " s)");
        }
    }
}
