package io.tributary.agent.uplink;

import io.tributary.model.SequenceRange;
import java.util.List;

/**
 * What the collector answers.
 *
 * @param creditBytes of deliveries that may be unacknowledged
 * @param batchBytesMax largest encoded batch it takes
 * @param received what it holds durably of this epoch, ascending
 */
public record SessionWelcome(
        String collector, String version, long creditBytes, int batchBytesMax, List<SequenceRange> received) {}
