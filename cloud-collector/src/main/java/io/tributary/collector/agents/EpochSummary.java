package io.tributary.collector.agents;

/**
 * One life of an agent's outbox.
 *
 * @param nextSequence the highest that the agent has told: this many readings got a sequence
 * @param version of the agent in its last session of this epoch
 */
public record EpochSummary(long epoch, long nextSequence, long firstSeenTimeNs, long lastSeenTimeNs, String version) {}
