package io.tributary.agent.uplink;

import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.outbox.OutboxStats;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent tells of itself every few seconds.
 *
 * @param offset null until the clocks have been compared
 * @param refused readings refused since the start, by cause
 * @param wallNs the agent's clock
 */
public record AgentStatus(OutboxStats outbox, @Nullable ClockOffset offset, Map<String, Long> refused, long wallNs) {}
