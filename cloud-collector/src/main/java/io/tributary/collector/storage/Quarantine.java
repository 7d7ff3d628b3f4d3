package io.tributary.collector.storage;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that turned out to be damaged, reported by whoever met them, until a flusher takes them out of the way. Bounded:
 * what does not fit is met and reported again. Any thread.
 */
final class Quarantine {
    private static final int REPORTS_MAX = 1024;

    /** @param key of the chunk */
    record Report(byte[] key, String detail) {}

    // guarded by this
    private final ArrayDeque<Report> reports = new ArrayDeque<>();
    private final Set<ByteBuffer> known = new HashSet<>();

    synchronized void report(byte[] key, String detail) {
        if (reports.size() < REPORTS_MAX && known.add(ByteBuffer.wrap(key))) {
            reports.add(new Report(key, detail));
        }
    }

    /** Null when there is none. */
    synchronized @Nullable Report next() {
        return reports.poll();
    }

    /** May be reported again. */
    synchronized void done(Report report) {
        known.remove(ByteBuffer.wrap(report.key()));
    }
}
