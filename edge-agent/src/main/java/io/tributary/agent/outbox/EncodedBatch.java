package io.tributary.agent.outbox;

/**
 * A batch as it will be stored and sent, before it has a sequence.
 *
 * @param readings at least 1
 * @param edgeTimeNs when the agent took its first reading
 */
public record EncodedBatch(
        int readings, long oldestEventTimeNs, long newestEventTimeNs, long edgeTimeNs, byte[] bytes) {}
