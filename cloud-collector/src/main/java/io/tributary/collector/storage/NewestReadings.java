package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.model.Channel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the latest reading of each channel where time alone says which it is: chunks have been looked through before, and
 * of heads one row per layout matters. Two readings of the same time, of which one replaces the other, are left to the
 * merge.
 */
final class NewestReadings {
    private final String device;
    private final Map<String, LatestReading> found = new TreeMap<>();

    private NewestReadings(String device) {
        this.device = device;
    }

    /**
     * @param stored of chunks, sorted by name
     * @return sorted by name; null when a merge has to tell
     */
    static @Nullable List<LatestReading> of(String device, List<LatestReading> stored, List<HeadDevice> heads) {
        if (heads.isEmpty()) {
            return stored;
        }
        NewestReadings newest = new NewestReadings(device);
        for (LatestReading reading : stored) {
            newest.found.put(reading.channel().name(), reading);
        }
        for (HeadDevice head : heads) {
            List<RowGroup> groups = head.newest();
            if (groups == null || !newest.add(groups)) {
                return null;
            }
        }
        return List.copyOf(newest.found.values());
    }

    private boolean add(List<RowGroup> groups) {
        for (RowGroup group : groups) {
            for (int i = 0; i < group.channels().length; i++) {
                Channel channel = group.channels()[i];
                LatestReading before = found.get(channel.name());
                long event = group.eventTimes()[0];
                if (before != null && before.eventTimeNs() == event) {
                    return false;
                }
                if (before == null || before.eventTimeNs() < event) {
                    found.put(
                            channel.name(),
                            new LatestReading(
                                    device,
                                    channel,
                                    event,
                                    group.edgeTimes()[0],
                                    group.collectorTimes()[0],
                                    group.columns()[i]));
                }
            }
        }
        return true;
    }
}
