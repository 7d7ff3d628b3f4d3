package io.tributary.collector.query;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What channels a device has, from the catalog. */
record ChannelNames(CatalogReader catalog) {

    /**
     * Those that have readings before a time.
     *
     * @param asked names; null for all
     */
    Set<String> before(String device, @Nullable Set<String> asked, long timeNs) {
        Set<String> names = new HashSet<>();
        DeviceDetail detail = catalog.device(device);
        if (detail == null) {
            return names;
        }
        for (ChannelEntry entry : detail.channels()) {
            String name = entry.channel().name();
            if (entry.firstEventTimeNs() < timeNs && (asked == null || asked.contains(name))) {
                names.add(name);
            }
        }
        return names;
    }
}
