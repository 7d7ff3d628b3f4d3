package io.tributary.agent.outbox;

import io.tributary.agent.clock.ClockStamp;
import org.jspecify.annotations.Nullable;

/**
 * A batch as it will be stored and sent, before it has a sequence.
 *
 * @param readings at least 1
 * @param edgeTimeNs when the agent took its first reading
 * @param priority when room is made, 0 goes first, 7 last
 * @param thinned whether it stands for readings that were thinned out
 * @param uncertain when it was encoded, if nobody had confirmed the agent's clock then: its stamps are corrected, where
 *     they have to be, when they are sent; null: they are right
 */
public record EncodedBatch(
        int readings,
        long oldestEventTimeNs,
        long newestEventTimeNs,
        long edgeTimeNs,
        byte[] bytes,
        int priority,
        boolean thinned,
        @Nullable ClockStamp uncertain) {
    public EncodedBatch(
            int readings,
            long oldestEventTimeNs,
            long newestEventTimeNs,
            long edgeTimeNs,
            byte[] bytes,
            int priority,
            boolean thinned) {
        this(readings, oldestEventTimeNs, newestEventTimeNs, edgeTimeNs, bytes, priority, thinned, null);
    }

    /** The same with stamps that are right after all. */
    public EncodedBatch confirmed() {
        return new EncodedBatch(
                readings, oldestEventTimeNs, newestEventTimeNs, edgeTimeNs, bytes, priority, thinned, null);
    }

    public EncodedBatch(int readings, long oldestEventTimeNs, long newestEventTimeNs, long edgeTimeNs, byte[] bytes) {
        this(readings, oldestEventTimeNs, newestEventTimeNs, edgeTimeNs, bytes, ChannelClass.DEFAULT_PRIORITY, false);
    }
}
