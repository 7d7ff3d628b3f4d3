package io.tributary.collector.storage;

import java.util.List;

/**
 * What somebody wants to be erased.
 *
 * @param device an ID, or a pattern when {@code patterns} says so
 * @param channels names, or patterns; empty for all
 * @param patterns whether device and channels are patterns rather than names
 * @param fromNs inclusive event time
 * @param toNs exclusive event time
 */
public record ErasureRequest(String device, List<String> channels, boolean patterns, long fromNs, long toNs) {
    private static final int CHANNELS_MAX = 1000;

    public ErasureRequest {
        channels = List.copyOf(channels);
        if (device.isEmpty()) {
            throw new IllegalArgumentException("device is empty, expected an ID");
        }
        if (channels.size() > CHANNELS_MAX) {
            throw new IllegalArgumentException(
                    channels.size() + " channels, expected at most " + CHANNELS_MAX + "; erase the device instead");
        }
        if (fromNs >= toNs) {
            throw new IllegalArgumentException(
                    "from is " + fromNs + " ns and to " + toNs + ", expected from before to");
        }
    }
}
