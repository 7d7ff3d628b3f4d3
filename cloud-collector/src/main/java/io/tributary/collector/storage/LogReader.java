package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/**
 * Reads the log as subscribers do, on any thread: record after record of a partition, in the order in which they were
 * acknowledged. The log does not wait for its readers: it drops its oldest files when it outgrows its bound.
 */
public interface LogReader {
    /** Behind everything that is acknowledged. */
    LogPosition newest();

    /** Before everything that is still there. */
    LogPosition oldest();

    /** Before the first record of each partition with this collector time or a later one. */
    LogPosition at(long collectorTimeNs);

    /**
     * The first record at or behind a position, over all partitions, beginning with one of them.
     *
     * @param turn the partition to look at first: who moves it on, serves all of them
     * @return null when there is none
     * @throws IllegalArgumentException when the position is one of another store
     */
    @Nullable
    LogEntry next(LogPosition position, int turn);

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
