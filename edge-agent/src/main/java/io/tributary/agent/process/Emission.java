package io.tributary.agent.process;

import io.tributary.model.Channel;
import io.tributary.model.Device;

/**
 * A number on its way from a window to the outbox.
 *
 * @param bits as {@link ReadingCursor#bits} has them
 */
record Emission(String source, Device device, Channel channel, long timeNs, long bits, int quality) {}
