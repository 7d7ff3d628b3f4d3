package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A block whose readings lie in several places, merged series by series when they are asked for. */
final class MergedBlock implements DeviceBlock {
    private final String device;
    private final long fromNs;
    private final long toNs;
    private final long firstEventTime;
    private final long lastEventTime;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Places> places = new ArrayList<>();
    private final Map<Integer, SeriesSlice> slices = new HashMap<>();

    private record Places(List<SeriesSource> settled, List<SeriesSource> fresh) {}

    /** Collects what a block is made of. */
    static final class Builder {
        private final @Nullable Set<String> names;
        private final Map<SeriesKey, Places> places = new TreeMap<>();
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        /** @param names of the asked channels; null for all */
        Builder(@Nullable Set<String> names) {
            this.names = names;
        }

        /** Rows of a head; groups and heads in the order of their age. */
        void addFresh(RowGroup group) {
            boolean any = false;
            for (int i = 0; i < group.channels().length; i++) {
                Channel channel = group.channels()[i];
                if (names == null || names.contains(channel.name())) {
                    int column = i;
                    placesOf(channel).fresh.add(new Loaded(channel, SeriesRows.of(group, column)));
                    any = true;
                }
            }
            for (int row = 0; any && row < group.rows(); row++) {
                first = Math.min(first, group.eventTimes()[row]);
                last = Math.max(last, group.eventTimes()[row]);
            }
        }

        /** A series of a chunk, which spans these event times. */
        void addSettled(SeriesSource source, long firstTime, long lastTime) {
            placesOf(source.channel()).settled.add(source);
            first = Math.min(first, firstTime);
            last = Math.max(last, lastTime);
        }

        private Places placesOf(Channel channel) {
            return places.computeIfAbsent(
                    SeriesKey.of(channel), key -> new Places(new ArrayList<>(), new ArrayList<>()));
        }

        boolean isEmpty() {
            return places.isEmpty();
        }

        MergedBlock build(String device, long fromNs, long toNs) {
            return new MergedBlock(device, fromNs, toNs, this);
        }
    }

    private record Loaded(Channel channel, SeriesRows rows) implements SeriesSource {
        @Override
        public SeriesRows load() {
            return rows;
        }
    }

    private MergedBlock(String device, long fromNs, long toNs, Builder builder) {
        this.device = device;
        this.fromNs = fromNs;
        this.toNs = toNs;
        this.firstEventTime = Math.max(fromNs, builder.first);
        this.lastEventTime = Math.min(toNs - 1, builder.last);
        builder.places.forEach((key, of) -> {
            List<SeriesSource> newest = of.fresh.isEmpty() ? of.settled : of.fresh;
            channels.add(newest.get(newest.size() - 1).channel());
            places.add(of);
        });
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public long firstEventTime() {
        return firstEventTime;
    }

    @Override
    public long lastEventTime() {
        return lastEventTime;
    }

    @Override
    public List<Channel> channels() {
        return channels;
    }

    @Override
    public @Nullable SeriesStats stats(int channel) {
        return null;
    }

    @Override
    public SeriesSlice slice(int channel) {
        return slices.computeIfAbsent(channel, index -> merge(places.get(index), channels.get(index)));
    }

    private SeriesSlice merge(Places of, Channel channel) {
        try {
            List<SeriesRows> settled = new ArrayList<>();
            for (SeriesSource source : of.settled) {
                settled.add(source.load());
            }
            List<SeriesRows> fresh = new ArrayList<>();
            for (SeriesSource source : of.fresh) {
                fresh.add(source.load());
            }
            SeriesRows rows = SeriesMerge.of(settled, fresh, null).winners().between(fromNs, toNs);
            return new SeriesSlice(
                    channel, rows.size(), rows.eventTimes(), rows.edgeTimes(), rows.collectorTimes(), rows.values());
        } catch (CorruptColumnException e) {
            throw new StorageException("chunk of device " + device, e);
        }
    }
}
