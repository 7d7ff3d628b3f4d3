package io.tributary.collector.storage;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.SchemaChange;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the heads tell of devices. */
final class HeadCatalog implements CatalogReader {
    private final EngineParts parts;

    HeadCatalog(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public List<DeviceEntry> devices(Glob match, Map<String, String> tags, int limit, @Nullable String after) {
        TreeMap<String, DeviceEntry> found = new TreeMap<>();
        for (Partition partition : parts.partitions()) {
            List<HeadDevice> all;
            synchronized (partition) {
                all = partition.active().all();
            }
            for (HeadDevice device : all) {
                if (match.matches(device.id())
                        && (after == null || device.id().compareTo(after) > 0)
                        && device.tags().entrySet().containsAll(tags.entrySet())) {
                    found.put(device.id(), entry(device));
                }
            }
        }
        return found.values().stream().limit(limit).toList();
    }

    @Override
    public @Nullable DeviceDetail device(String id) {
        Partition partition = parts.partitionOf(id);
        HeadDevice device;
        synchronized (partition) {
            device = partition.active().device(id);
        }
        if (device == null) {
            return null;
        }
        Map<String, ChannelEntry> channels = new TreeMap<>();
        for (RowGroup group : device.groups(Long.MIN_VALUE, Long.MAX_VALUE)) {
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (int row = 0; row < group.rows(); row++) {
                first = Math.min(first, group.eventTimes()[row]);
                last = Math.max(last, group.eventTimes()[row]);
            }
            for (Channel channel : group.channels()) {
                ChannelEntry known = channels.get(channel.name());
                channels.put(
                        channel.name(),
                        new ChannelEntry(
                                channel,
                                known == null ? first : Math.min(first, known.firstEventTimeNs()),
                                known == null ? last : Math.max(last, known.lastEventTimeNs()),
                                List.of(new SchemaChange(group.collectorTimes()[0], channel.type(), channel.unit()))));
            }
        }
        return new DeviceDetail(entry(device), new ArrayList<>(channels.values()));
    }

    @Override
    public long deviceCount() {
        long count = 0;
        for (Partition partition : parts.partitions()) {
            synchronized (partition) {
                count += partition.active().devices();
            }
        }
        return count;
    }

    private static DeviceEntry entry(HeadDevice device) {
        return new DeviceEntry(device.id(), device.tags(), device.firstEventTimeNs(), device.lastEventTimeNs());
    }
}
