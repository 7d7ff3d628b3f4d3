package io.tributary.collector.catalog;

import java.util.Map;

/** What selects a device. */
public record DeviceName(String id, Map<String, String> tags) {
    /** Whether each of the wanted tags is there with this value. */
    public boolean has(Map<String, String> wanted) {
        if (wanted.isEmpty()) {
            return true;
        }
        for (Map.Entry<String, String> tag : wanted.entrySet()) {
            if (!tag.getValue().equals(tags.get(tag.getKey()))) {
                return false;
            }
        }
        return true;
    }
}
