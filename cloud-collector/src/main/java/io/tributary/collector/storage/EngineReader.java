package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a device's heads. */
final class EngineReader implements ReadingReader {
    private final EngineParts parts;

    EngineReader(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public BlockCursor read(String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending) {
        MergedBlock.Builder builder = new MergedBlock.Builder(channels);
        for (HeadDevice held : heads(device)) {
            for (RowGroup group : held.groups(fromNs, toNs)) {
                builder.addFresh(group);
            }
        }
        List<DeviceBlock> blocks = new ArrayList<>();
        if (!builder.isEmpty()) {
            blocks.add(builder.build(device, fromNs, toNs));
        }
        return new BlockCursor() {
            @Override
            public @Nullable DeviceBlock next() {
                return blocks.isEmpty() ? null : blocks.remove(0);
            }

            @Override
            public void close() {
                blocks.clear();
            }
        };
    }

    @Override
    public List<LatestReading> latest(String device, @Nullable Set<String> channels) {
        Map<String, LatestReading> latest = new TreeMap<>();
        Map<String, Long> times = new HashMap<>();
        try (BlockCursor cursor = read(device, channels, Long.MIN_VALUE, Long.MAX_VALUE, false)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                for (int i = 0; i < block.channels().size(); i++) {
                    Channel channel = block.channels().get(i);
                    SeriesSlice slice = block.slice(i);
                    int last = slice.size() - 1;
                    if (last >= 0 && slice.eventTimes()[last] > times.getOrDefault(channel.name(), Long.MIN_VALUE)) {
                        times.put(channel.name(), slice.eventTimes()[last]);
                        latest.put(
                                channel.name(),
                                new LatestReading(
                                        device,
                                        channel,
                                        slice.eventTimes()[last],
                                        slice.edgeTimes()[last],
                                        slice.collectorTimes()[last],
                                        Columns.gather(slice.values(), new int[] {last}, 1)));
                    }
                }
            }
        }
        return List.copyOf(latest.values());
    }

    private List<HeadDevice> heads(String device) {
        Partition partition = parts.partitionOf(device);
        List<HeadDevice> heads = new ArrayList<>(2);
        synchronized (partition) {
            for (boolean flushing : new boolean[] {true, false}) {
                HeadDevice held = partition.device(flushing, device);
                if (held != null) {
                    heads.add(held);
                }
            }
        }
        return heads;
    }
}
