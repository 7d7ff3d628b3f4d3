package io.tributary.collector.query;

import io.tributary.collector.catalog.Glob;
import java.util.List;
import java.util.Map;

/**
 * The series that a query is about.
 *
 * @param device which devices
 * @param tags each has to be present at the device with this value
 * @param channels any of them; empty for all
 */
public record SeriesSelector(Glob device, Map<String, String> tags, List<Glob> channels) {
    public SeriesSelector {
        tags = Map.copyOf(tags);
        channels = List.copyOf(channels);
    }

    boolean selectsChannel(String name) {
        for (Glob channel : channels) {
            if (channel.matches(name)) {
                return true;
            }
        }
        return channels.isEmpty();
    }
}
