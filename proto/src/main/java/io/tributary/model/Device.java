package io.tributary.model;

import java.util.Map;
import java.util.TreeMap;

/**
 * The thing that measures.
 *
 * @param id the partition key; 1 to 255 UTF-8 bytes without control characters
 * @param tags what is known of it (site, model, firmware), sorted by name
 */
public record Device(String id, Map<String, String> tags) {
    public Device {
        Names.check("device ID", id);
        tags = tags.isEmpty() ? Map.of() : java.util.Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    public static Device of(String id) {
        return new Device(id, Map.of());
    }
}
