package io.tributary.collector.catalog;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Called by query endpoints, on any thread. A device is in the catalog as soon as its first append is acknowledged. */
public interface CatalogReader {
    /**
     * Devices in the order of their IDs' UTF-8 bytes.
     *
     * @param tags each has to be present with this value
     * @param limit at most this many
     * @param after only IDs behind this one; null from the beginning
     */
    List<DeviceEntry> devices(Glob match, Map<String, String> tags, int limit, @Nullable String after);

    /** Null when the device is unknown. */
    @Nullable
    DeviceDetail device(String id);

    /** IDs and tags of all devices in memory; null when there are too many for that: {@link #devices} gives pages. */
    default @Nullable DeviceNames names() {
        return null;
    }

    /** How many devices are known; may lag behind by one flush. */
    long deviceCount();
}
