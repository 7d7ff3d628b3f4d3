package io.tributary.collector.agents;

import io.tributary.model.SequenceRange;
import java.util.List;

/**
 * The sequences of one epoch.
 *
 * <pre>
 * 0 ........................ oldestSequence ............ nextSequence
 * received | evicted | missing              | received | queued
 * </pre>
 *
 * @param current agents keep one outbox: what an earlier epoch has not delivered will not come
 * @param oldestSequence the oldest that the agent still had at its last hello; {@code nextSequence} in earlier epochs
 * @param received, evicted, queued, missing disjoint, ascending
 */
public record EpochGaps(
        long epoch,
        boolean current,
        long nextSequence,
        long oldestSequence,
        List<SequenceRange> received,
        List<EvictedRange> evicted,
        List<SequenceRange> queued,
        List<SequenceRange> missing,
        Account account) {
    public EpochGaps {
        received = List.copyOf(received);
        evicted = List.copyOf(evicted);
        queued = List.copyOf(queued);
        missing = List.copyOf(missing);
    }

    /** Sequences that will never arrive, with the cause that the agent told. */
    public record EvictedRange(SequenceRange range, String cause) {}
}
