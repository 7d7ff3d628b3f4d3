package io.tributary.agent.uplink;

import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.outbox.OutboxStats;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent tells of itself every few seconds.
 *
 * @param offset null until the clocks have been compared
 * @param clockRight whether the agent's clock is known to be right
 * @param flashBytes that the agent had written to storage since it was installed; 0 when the machine does not tell
 * @param refused readings refused since the start, by cause
 * @param wallNs the agent's clock
 * @param upload how much of a metered link may be used; null when it may be used at any time
 */
public record AgentStatus(
        OutboxStats outbox,
        @Nullable ClockOffset offset,
        boolean clockRight,
        long flashBytes,
        Map<String, Long> refused,
        long wallNs,
        @Nullable Upload upload) {
    /**
     * @param paused whether nothing is sent at this moment
     * @param dayBytes sent in this day
     * @param dayBudgetBytes what may be sent in a day; 0: as much as there is
     */
    public record Upload(boolean paused, long dayBytes, long dayBudgetBytes) {}
}
