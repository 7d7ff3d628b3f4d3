package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;
import java.util.List;

/**
 * Batches in sequence order, kept until the collector has them. One thread appends, one thread reads and frees; stats and
 * dead letters may be read on any.
 */
public interface Outbox extends AutoCloseable {
    /** Grows with every fresh outbox of this agent; sequences start at 0 in each. */
    long epoch();

    OutboxStats stats();

    /** Evicted since the outbox was made; cheap. */
    long evictedReadings();

    /**
     * Writes all or nothing. When this returns the batches are numbered; with {@code sync} they are fsynced, too, and can
     * be read.
     *
     * @throws OutboxFullException nothing was written: there is no room, and the policy is to refuse
     * @throws OutboxException nothing was written, or it is not known whether it was: what is found later is sent, too
     */
    void append(List<EncodedBatch> batches, List<DeadLetter> letters, boolean sync)
            throws OutboxException, OutboxFullException;

    /** Fsyncs what was appended without: it can be read from here on. */
    void sync() throws OutboxException;

    /**
     * The next batches in order, as far as they are fsynced: what power loss takes back, its sequences are given out
     * again, and a collector that knew them would take the other readings for repetitions.
     *
     * @param fromSequence batches that begin here or later
     * @param beforeSequence and before this
     * @param bytesMax stops when the batches exceed this; the first comes in any case
     */
    List<OutboxRecord> read(long fromSequence, long beforeSequence, long bytesMax) throws OutboxException;

    /** Removes every batch that lies wholly inside one of the ranges (disjoint, ascending). Need not survive power loss. */
    void free(List<SequenceRange> ranges) throws OutboxException;

    /** Evicts what was taken before {@code edgeTimeNs}. */
    void evictBefore(long edgeTimeNs) throws OutboxException;

    /** What was evicted and the collector has not confirmed yet, ascending; at most {@code limit}. */
    List<LostRange> losses(int limit) throws OutboxException;

    /** The collector knows: losses inside these ranges are forgotten. */
    void forgetLosses(List<SequenceRange> ranges) throws OutboxException;

    /** Oldest first, at most {@code limit}. */
    List<DeadLetter> deadLetters(int limit) throws OutboxException;

    /** May be called twice. */
    @Override
    void close();
}
