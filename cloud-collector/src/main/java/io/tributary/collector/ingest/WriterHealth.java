package io.tributary.collector.ingest;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether what the writer was given last became durable. While it does not, agents are sent away and the collector is
 * not ready; one agent at a time is let in to try, as only a write can tell that writing works again.
 */
public final class WriterHealth {
    private static final long PROBE_INTERVAL_NANOS = 1_000_000_000L;

    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();

    private record Failure(String message, long probedNanos) {}

    void succeeded() {
        if (failure.get() != null) {
            failure.set(null);
        }
    }

    void failed(Throwable cause, long nowNanos) {
        failure.set(new Failure(message(cause), nowNanos));
    }

    /** True when writing works or this caller shall try it. */
    boolean admit(long nowNanos) {
        Failure current = failure.get();
        if (current == null) {
            return true;
        }
        return nowNanos - current.probedNanos >= PROBE_INTERVAL_NANOS
                && failure.compareAndSet(current, new Failure(current.message, nowNanos));
    }

    /** Why the collector cannot acknowledge; null when it can. */
    public @Nullable String failure() {
        Failure current = failure.get();
        return current == null ? null : current.message;
    }

    private static String message(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
