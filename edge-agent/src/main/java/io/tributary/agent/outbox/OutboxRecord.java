package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;

/** A stored batch: its readings have the sequences {@code [firstSequence, firstSequence + batch.readings())}. */
public record OutboxRecord(long firstSequence, EncodedBatch batch) {
    /** Exclusive. */
    public long endSequence() {
        return firstSequence + batch.readings();
    }

    public SequenceRange range() {
        return new SequenceRange(firstSequence, batch.readings());
    }

    public int bytes() {
        return batch.bytes().length;
    }
}
