package io.tributary.collector.ingest;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Flights that found the writer full; at most one per stream. They try again when another flight lands, and on the
 * timer in case none is left to land.
 */
final class Retries {
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Executor executor;

    Retries(Executor executor) {
        this.executor = executor;
    }

    void add(Runnable attempt) {
        waiting.add(attempt);
    }

    /** Any thread; does not run the attempts itself. */
    void run() {
        if (!waiting.isEmpty()) {
            executor.execute(this::attempt);
        }
    }

    private void attempt() {
        // What is refused again comes back to the end of the queue: one round only.
        for (int left = waiting.size(); left > 0; left--) {
            Runnable next = waiting.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
    }
}
