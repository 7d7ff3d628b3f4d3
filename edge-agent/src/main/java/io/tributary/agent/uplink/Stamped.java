package io.tributary.agent.uplink;

import io.tributary.agent.clock.ClockCorrection;
import io.tributary.agent.outbox.OutboxRecord;
import org.jspecify.annotations.Nullable;

/**
 * A batch with right stamps.
 *
 * @param bytes the encoded batch as it is sent
 * @param correction what was added to its stamps; null when they were right, or could not be corrected
 */
public record Stamped(
        OutboxRecord record, byte[] bytes, @Nullable ClockCorrection correction) {}
