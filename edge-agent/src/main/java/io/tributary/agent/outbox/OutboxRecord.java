package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;

/** A stored batch: its readings have the sequences {@code [firstSequence, firstSequence + batch.readings())} of an epoch. */
public record OutboxRecord(long epoch, long firstSequence, EncodedBatch batch) {
    OutboxRecord inEpoch(long other) {
        return new OutboxRecord(other, firstSequence, batch);
    }

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
