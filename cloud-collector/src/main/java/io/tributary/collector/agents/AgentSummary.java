package io.tributary.collector.agents;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One agent as the collector knows it. Times are ns since the Unix epoch by the collector's clock, 0 when it has not
 * happened.
 *
 * @param connected a session is open at this moment
 * @param address the peer of the last session, "10.0.0.7:51234"
 * @param epochs every epoch the agent had, oldest first; the last one is current
 * @param connectedTimeNs when the open session began; 0 when not connected
 * @param status what the agent last told of itself; null before the first status
 * @param drain how long the backlog will take; null when nothing is queued or the pace is not known yet
 * @param clockShifts readings whose stamps the agent corrected, oldest first; the last ten thousand ranges
 * @param account the account over all epochs, the same as in the gap report
 */
public record AgentSummary(
        String id,
        boolean connected,
        String address,
        String version,
        List<String> capabilities,
        List<EpochSummary> epochs,
        long firstSeenTimeNs,
        long lastSeenTimeNs,
        long connectedTimeNs,
        @Nullable AgentStatus status,
        @Nullable DrainEstimate drain,
        Account account,
        List<ClockShift> clockShifts) {
    public AgentSummary {
        capabilities = List.copyOf(capabilities);
        epochs = List.copyOf(epochs);
        clockShifts = List.copyOf(clockShifts);
    }

    /** The epoch of the last session. */
    public long epoch() {
        return epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch();
    }
}
