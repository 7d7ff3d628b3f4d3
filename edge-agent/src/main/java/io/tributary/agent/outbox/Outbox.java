package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;
import java.util.List;

/**
 * Batches in sequence order, kept until the collector has them. One thread appends, one thread reads and frees; stats and
 * dead letters may be read on any.
 */
public interface Outbox extends AutoCloseable {
    /** Grows with every fresh or salvaged outbox of this agent; sequences start at 0 in each. It may change while open. */
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

    /**
     * As {@link #read}, of one class only, without reading the others.
     *
     * @param priority other than {@link ChannelClass#DEFAULT_PRIORITY}
     */
    List<OutboxRecord> readClass(int priority, long fromSequence, long bytesMax) throws OutboxException;

    /**
     * Removes every batch that lies wholly inside one of the ranges (disjoint, ascending). Need not survive a crash.
     *
     * @param epoch whose sequences they are; nothing happens when it is not the outbox's any more
     */
    void free(long epoch, List<SequenceRange> ranges) throws OutboxException;

    /** Evicts what was taken before {@code edgeTimeNs}. */
    void evictBefore(long edgeTimeNs) throws OutboxException;

    /**
     * What was evicted and the collector has not confirmed yet, ascending; at most {@code limit}. What is lost of an
     * earlier epoch beside all that is known ({@link LostRange#isRest}) only when nothing else is left.
     */
    List<LostRange> losses(int limit) throws OutboxException;

    /** The collector knows: losses inside these ranges are forgotten. */
    void forgetLosses(long epoch, List<SequenceRange> ranges) throws OutboxException;

    /**
     * Begins a new epoch with all that is queued, because the collector knows later sequences than the outbox does: some
     * that it had given out are gone, and giving them out again would make the collector take readings for repetitions.
     */
    void renewEpoch(String why) throws OutboxException;

    /** Oldest first, at most {@code limit}. */
    List<DeadLetter> deadLetters(int limit) throws OutboxException;

    /** May be called twice. */
    @Override
    void close();
}
