package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/**
 * What is known of devices without reading them: for questions about many of them. Made for one query, which it shows
 * everything that was acknowledged before it began. Not thread-safe; nothing has to be closed.
 */
public interface SummaryReader {
    /** The latest reading of every channel of a device; without any when the device is unknown. */
    LatestReadings latest(String device);

    /**
     * Statistics of a device's blocks; null when they are not known, and the device has to be read. What lies outside the
     * range may have changed since.
     */
    @Nullable
    DeviceTotals totals(String device, TimeSpan range);

    /** Event times {@code [fromNs, toNs)}. */
    record TimeSpan(long fromNs, long toNs) {}
}
