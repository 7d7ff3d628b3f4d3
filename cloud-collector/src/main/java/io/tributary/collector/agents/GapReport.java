package io.tributary.collector.agents;

import java.util.List;

/**
 * The proof per agent: every sequence of every epoch is received, evicted with a cause, still queued at the agent, or
 * missing.
 *
 * @param agentQueuedReadings what the agent itself last said is queued; -1 before its first status
 * @param account the sum over {@code epochs}
 */
public record GapReport(String agent, List<EpochGaps> epochs, long agentQueuedReadings, Account account) {
    public GapReport {
        epochs = List.copyOf(epochs);
    }
}
