package io.tributary.collector;

import io.tributary.collector.ingest.WriterHealth;
import org.jspecify.annotations.Nullable;

/** Whether the collector takes readings and answers questions: {@code /readyz}. */
final class Readiness {
    private volatile @Nullable WriterHealth writer;
    private volatile boolean stopping;

    void started(WriterHealth health) {
        writer = health;
    }

    void stopping() {
        stopping = true;
    }

    /** Null when ready. */
    @Nullable
    String reasonNotReady() {
        if (stopping) {
            return "shutting down";
        }
        WriterHealth health = writer;
        if (health == null) {
            return "starting";
        }
        String failure = health.failure();
        return failure == null ? null : "storage cannot write: " + failure;
    }
}
