package io.tributary.agent.outbox;

/**
 * The outbox at one moment.
 *
 * @param nextSequence what the next reading will get
 * @param oldestSequence of what is queued; {@code nextSequence} when nothing is
 * @param queuedBytes of encoded batches
 * @param oldestEventTimeNs smallest event time of the oldest batch; 0 when nothing is queued
 * @param oldestEdgeTimeNs when the oldest batch was taken; 0 when nothing is queued
 * @param evictions since the outbox was made
 * @param deadLetters held
 * @param diskBytes of all files in its directory; -1 when they could not be looked at
 */
public record OutboxStats(
        long epoch,
        long nextSequence,
        long oldestSequence,
        long queuedReadings,
        long queuedBytes,
        long queuedBatches,
        long oldestEventTimeNs,
        long oldestEdgeTimeNs,
        Evictions evictions,
        long deadLetters,
        long diskBytes) {
    public long evictedReadings() {
        return evictions.total();
    }
}
