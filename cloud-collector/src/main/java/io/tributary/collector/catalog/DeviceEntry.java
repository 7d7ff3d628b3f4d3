package io.tributary.collector.catalog;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** A device without its channels; times are event times in ns since the epoch. */
public record DeviceEntry(String id, Map<String, String> tags, long firstEventTimeNs, long lastEventTimeNs) {
    public DeviceEntry {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }
}
