package io.tributary.collector.storage;

import io.tributary.collector.log.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log as subscribers do, on any thread: record after record, in the order in which they were acknowledged. The
 * log does not wait for its readers: it drops its oldest files when it outgrows its bound.
 */
public interface LogReader {
    /** Behind everything that is acknowledged. */
    LogPosition newest();

    /** Before everything that is still there. */
    LogPosition oldest();

    /** Before the first record with this collector time or a later one. */
    LogPosition at(long collectorTimeNs);

    /**
     * The first record at or behind a position.
     *
     * @return null when there is none
     * @throws IllegalArgumentException when the position is none of this log
     */
    @Nullable
    LogEntry next(LogPosition position);

    /**
     * Waits for a record behind a position.
     *
     * @return whether there is one
     */
    boolean await(LogPosition position, long millis) throws InterruptedException;

    /** Wakes everybody who waits. */
    void wake();

    /** Records between a position and the newest, those that are gone included. */
    long behind(LogPosition position);
}
