package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads chunks and heads of a device as of one moment. */
final class EngineReader implements ReadingReader {
    private final EngineParts parts;

    EngineReader(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public BlockCursor read(String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending) {
        // Event times are within a half of what a long holds; so are bounds, and bucket arithmetic does not overflow.
        long from = Math.max(fromNs, Long.MIN_VALUE / 2);
        long to = Math.min(toNs, Long.MAX_VALUE / 2 + 1);
        ReadMoment moment = ReadMoment.of(parts, device);
        try {
            return new EngineCursor(parts, moment, device, channels, from, to, ascending);
        } catch (RuntimeException e) {
            moment.close();
            throw e;
        }
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
}
