package io.tributary.collector.agents;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an agent told of itself.
 *
 * @param receivedTimeNs when the collector got it, by the collector's clock
 * @param oldestEventTimeNs 0 when nothing is queued
 * @param oldestEdgeTimeNs 0 when nothing is queued; {@link #oldestAgeNs} is its age by the agent's own clock
 * @param clockOffsetNs collector clock minus agent clock, as the agent measured it
 * @param clockErrorNs bound of the error of {@code clockOffsetNs}
 * @param refused readings refused before they got a sequence, by cause
 * @param agentTimeNs the agent's clock when it told
 * @param upload how much of a metered link it may use; null when it may use its link at any time
 */
public record AgentStatus(
        long receivedTimeNs,
        long nextSequence,
        long queuedReadings,
        long queuedBytes,
        long oldestEventTimeNs,
        long oldestEdgeTimeNs,
        boolean clockSynchronized,
        long clockOffsetNs,
        long clockErrorNs,
        long flashBytesWritten,
        Map<String, Long> refused,
        long agentTimeNs,
        @Nullable Upload upload) {
    /**
     * @param paused whether nothing is sent at this moment
     * @param dayBytes sent in the agent's day
     * @param dayBudgetBytes what may be sent in a day; 0: as much as there is
     */
    public record Upload(boolean paused, long dayBytes, long dayBudgetBytes) {}

    public AgentStatus {
        refused = Collections.unmodifiableMap(new TreeMap<>(refused));
    }

    /** How long the oldest queued reading had waited when the agent told; 0 when nothing was queued. */
    public long oldestAgeNs() {
        return oldestEdgeTimeNs == 0 ? 0 : Math.max(0, agentTimeNs - oldestEdgeTimeNs);
    }
}
