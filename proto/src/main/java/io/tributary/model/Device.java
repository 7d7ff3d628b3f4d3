package io.tributary.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The thing that measures.
 *
 * @param id the partition key; 1 to 255 UTF-8 bytes without control characters
 * @param tags what is known of it (site, model, firmware), sorted by name; at most 64; names and values are bound as the
 *     ID is, values may be empty
 */
public record Device(String id, Map<String, String> tags) {
    /** Far above any inventory; bounds what one device in a batch can cost its receiver. */
    public static final int TAGS_MAX = 64;

    public Device {
        Names.check("device ID", id);
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException(
                    "device \"" + id + "\" with " + tags.size() + " tags, expected at most " + TAGS_MAX);
        }
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            Names.check("tag name", tag.getKey());
            if (!tag.getValue().isEmpty()) {
                Names.check("value of tag " + tag.getKey(), tag.getValue());
            }
        }
        tags = tags.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    public static Device of(String id) {
        return new Device(id, Map.of());
    }
}
