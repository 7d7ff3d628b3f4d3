package io.tributary.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The thing that measures. Equal to another with the same ID and tags. */
public final class Device {
    /** Far above any inventory; bounds what one device in a batch can cost its receiver. */
    public static final int TAGS_MAX = 64;

    private final String id;
    private final Map<String, String> tags;
    private final int tagChars;

    /**
     * @param id the partition key; 1 to 255 UTF-8 bytes without control characters
     * @param tags what is known of it (site, model, firmware), sorted by name; at most 64; names and values are bound as
     *     the ID is, values may be empty
     */
    public Device(String id, Map<String, String> tags) {
        this.id = Names.check("device ID", id);
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException(
                    "device \"" + id + "\" with " + tags.size() + " tags, expected at most " + TAGS_MAX);
        }
        int chars = 0;
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            Names.check("tag name", tag.getKey());
            if (!tag.getValue().isEmpty()) {
                Names.check("value of tag " + tag.getKey(), tag.getValue());
            }
            chars += tag.getKey().length() + tag.getValue().length();
        }
        this.tags = tags.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(tags));
        this.tagChars = chars;
    }

    public static Device of(String id) {
        return new Device(id, Map.of());
    }

    public String id() {
        return id;
    }

    public Map<String, String> tags() {
        return tags;
    }

    /** Length of all names and values of tags: whoever counts memory asks for every row. */
    public int tagChars() {
        return tagChars;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o == this || o instanceof Device other && id.equals(other.id) && tags.equals(other.tags);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + tags.hashCode();
    }

    @Override
    public String toString() {
        return "Device[id=" + id + ", tags=" + tags + "]";
    }
}
