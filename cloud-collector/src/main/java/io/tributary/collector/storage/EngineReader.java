package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Reads chunks and heads of a device as of one moment. */
final class EngineReader implements ReadingReader {
    private final EngineParts parts;
    private final Rollups rollups;
    private final Summaries summaries;

    EngineReader(EngineParts parts, Rollups rollups) {
        this.parts = parts;
        this.rollups = rollups;
        this.summaries = new Summaries(parts, this);
    }

    @Override
    public SummaryReader summaries() {
        return summaries.begin();
    }

    @Override
    public BlockCursor read(String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending) {
        // Event times are within a half of what a long holds; so are bounds, and bucket arithmetic does not overflow.
        long from = Math.max(fromNs, Long.MIN_VALUE / 2);
        long to = Math.min(toNs, Long.MAX_VALUE / 2 + 1);
        long bucketNs = parts.options().bucket().toNanos();
        ReadMoment moment =
                ReadMoment.of(parts, device, Math.floorDiv(from, bucketNs), Math.floorDiv(to - 1, bucketNs));
        try {
            return new EngineCursor(parts, moment, moment, device, channels, from, to, ascending);
        } catch (RuntimeException e) {
            moment.close();
            throw e;
        }
    }

    @Override
    public long held(String device, Predicate<String> channels, long fromNs, long toNs) {
        Partition partition = parts.partitionOf(device);
        long bucketNs = parts.options().bucket().toNanos();
        CachedDevice cached = parts.cache()
                .get(parts, partition, device, Math.floorDiv(fromNs, bucketNs), Math.floorDiv(toNs - 1, bucketNs));
        if (cached == null || cached.tooLarge || !parts.directory().isHeld(parts)) {
            return Long.MAX_VALUE;
        }
        long readings = cached.readings(channels, fromNs, toNs);
        synchronized (partition) {
            for (Head head : new Head[] {partition.flushing(), partition.active()}) {
                HeadDevice held = head == null ? null : head.device(device);
                readings += held == null || !held.overlaps(fromNs, toNs) ? 0 : held.readings();
            }
        }
        return readings;
    }

    /** By the coarsest rollup that fits. */
    @Override
    public BlockCursor aggregate(
            String device, @Nullable Set<String> channels, long fromNs, long toNs, LongPredicate fits) {
        RollupLevel level = level(fits);
        long from = Math.max(fromNs, Long.MIN_VALUE / 2);
        long to = Math.min(toNs, Long.MAX_VALUE / 2 + 1);
        if (level == null || from >= to) {
            return read(device, channels, fromNs, toNs, true);
        }
        ReadMoment moment = ReadMoment.ofSnapshot(parts, device);
        try {
            return new RollupCursor(parts, rollups, level, moment, device, channels, from, to);
        } catch (RocksDBException e) {
            moment.close();
            throw new StorageException("rollups of device " + device + " cannot be read", e);
        } catch (RuntimeException e) {
            moment.close();
            throw e;
        }
    }

    private @Nullable RollupLevel level(LongPredicate fits) {
        for (RollupLevel level : rollups.levels()) {
            if (fits.test(level.everyNs())) {
                return level;
            }
        }
        return null;
    }

    @Override
    public boolean hasRollups(LongPredicate fits) {
        return level(fits) != null;
    }

    @Override
    public List<LatestReading> latest(String device, @Nullable Set<String> channels) {
        try (ReadMoment moment = ReadMoment.of(parts, device)) {
            CachedDevice cached = moment.cached();
            if (cached != null && moment.isUnmasked()) {
                List<LatestReading> newest = NewestReadings.of(device, stored(moment, cached, device), moment.heads());
                if (newest != null) {
                    return selected(newest, channels);
                }
            }
            return search(moment, device, channels);
        } catch (RocksDBException e) {
            throw new StorageException("catalog record of device " + device + " cannot be read", e);
        }
    }

    private static List<LatestReading> selected(List<LatestReading> all, @Nullable Set<String> channels) {
        if (channels == null) {
            return all;
        }
        List<LatestReading> selected = new ArrayList<>(channels.size());
        for (LatestReading reading : all) {
            if (channels.contains(reading.channel().name())) {
                selected.add(reading);
            }
        }
        return selected;
    }

    /** Of chunks only; found once and then remembered. */
    private List<LatestReading> stored(ReadMoment moment, CachedDevice cached, String device) throws RocksDBException {
        List<LatestReading> known = cached.latest;
        if (known == null) {
            known = search(moment.withoutHeads(), device, null);
            cached.latest = known;
        }
        return known;
    }

    /** The catalog tells when each channel had its last reading, so that nothing has to be searched for. */
    private List<LatestReading> search(ReadMoment moment, String device, @Nullable Set<String> channels)
            throws RocksDBException {
        Map<Long, Set<String>> byTime = new TreeMap<>();
        StoreCatalog.record(parts, moment, device).lastEventTimes().forEach((name, time) -> {
            if (channels == null || channels.contains(name)) {
                byTime.computeIfAbsent(time, unused -> new HashSet<>()).add(name);
            }
        });
        Latest latest = new Latest(moment, device);
        Set<String> lost = new HashSet<>();
        byTime.forEach((time, names) -> {
            latest.take(names, time, time + 1);
            names.stream().filter(name -> !latest.has(name)).forEach(lost::add);
        });
        if (!lost.isEmpty()) { // the reading was in a chunk that had to go
            latest.take(lost, Long.MIN_VALUE / 2, Long.MAX_VALUE / 2);
        }
        return List.copyOf(latest.found.values());
    }

    /** Collects the latest reading per channel name. */
    private final class Latest {
        private final ReadMoment moment;
        private final String device;
        private final Map<String, LatestReading> found = new TreeMap<>();

        Latest(ReadMoment moment, String device) {
            this.moment = moment;
            this.device = device;
        }

        boolean has(String name) {
            return found.containsKey(name);
        }

        void take(Set<String> names, long fromNs, long toNs) {
            Set<String> left = new HashSet<>(names);
            try (EngineCursor cursor = new EngineCursor(parts, moment, () -> {}, device, names, fromNs, toNs, false)) {
                for (DeviceBlock block = cursor.next(); block != null && !left.isEmpty(); block = cursor.next()) {
                    for (int i = 0; i < block.channels().size(); i++) {
                        if (left.contains(block.channels().get(i).name())) {
                            take(block.channels().get(i), block.slice(i));
                        }
                    }
                    left.removeAll(found.keySet());
                }
            }
        }

        private void take(Channel channel, SeriesSlice slice) {
            int last = slice.size() - 1;
            if (last < 0) {
                return;
            }
            LatestReading before = found.get(channel.name());
            long event = slice.eventTimes()[last];
            long collector = slice.collectorTimes()[last];
            boolean later = before == null
                    || event > before.eventTimeNs()
                    || (event == before.eventTimeNs() && collector > before.collectorTimeNs());
            if (later) {
                Column value = Columns.gather(slice.values(), new int[] {last}, 1);
                found.put(
                        channel.name(),
                        new LatestReading(device, channel, event, slice.edgeTimes()[last], collector, value));
            }
        }
    }
}
