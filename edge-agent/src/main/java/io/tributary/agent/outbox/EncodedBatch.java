package io.tributary.agent.outbox;

/**
 * A batch as it will be stored and sent, before it has a sequence.
 *
 * @param readings at least 1
 * @param edgeTimeNs when the agent took its first reading
 * @param priority when room is made, 0 goes first, 7 last
 * @param thinned whether it stands for readings that were thinned out
 */
public record EncodedBatch(
        int readings,
        long oldestEventTimeNs,
        long newestEventTimeNs,
        long edgeTimeNs,
        byte[] bytes,
        int priority,
        boolean thinned) {
    public EncodedBatch(int readings, long oldestEventTimeNs, long newestEventTimeNs, long edgeTimeNs, byte[] bytes) {
        this(readings, oldestEventTimeNs, newestEventTimeNs, edgeTimeNs, bytes, ChannelClass.DEFAULT_PRIORITY, false);
    }
}
