package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
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
    private final Quarantine quarantine;
    private final Mask mask;
    private final long fromNs;
    private final long toNs;
    private final long firstEventTime;
    private final long lastEventTime;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Places> places = new ArrayList<>();
    private final Map<Integer, SeriesSlice> slices = new HashMap<>();

    private record Places(List<ChunkSeries> settled, List<SeriesRows> fresh) {}

    /** Collects what a block is made of. */
    static final class Builder {
        private final @Nullable Set<String> names;
        private final Map<SeriesKey, Places> places = new TreeMap<>();
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        private final Quarantine quarantine;
        private final Mask mask;
        private final long bucket;

        /** @param names of the asked channels; null for all */
        Builder(@Nullable Set<String> names, Quarantine quarantine, Mask mask, long bucket) {
            this.mask = mask;
            this.bucket = bucket;
            this.names = names;
            this.quarantine = quarantine;
        }

        /** Rows of a head; groups and heads in the order of their age. */
        void addFresh(RowGroup group) {
            boolean any = false;
            for (int i = 0; i < group.channels().length; i++) {
                Channel channel = group.channels()[i];
                if (names == null || names.contains(channel.name())) {
                    placesOf(channel).fresh.add(SeriesRows.of(group, i));
                    any = true;
                }
            }
            for (int row = 0; any && row < group.rows(); row++) {
                first = Math.min(first, group.eventTimes()[row]);
                last = Math.max(last, group.eventTimes()[row]);
            }
        }

        /** The asked series of a chunk that reach into the asked range. */
        void addSettled(Fragment fragment, long fromNs, long toNs) {
            for (ChunkGroup group : fragment.chunk().groups()) {
                for (int i = 0; i < group.channels().size(); i++) {
                    ChunkChannel channel = group.channels().get(i);
                    boolean asked =
                            names == null || names.contains(channel.channel().name());
                    if (asked
                            && channel.firstTime() < toNs
                            && channel.lastTime() >= fromNs
                            && !mask.isExpired(channel.channel().name(), bucket)) {
                        placesOf(channel.channel()).settled.add(new ChunkSeries(fragment, group, i));
                        first = Math.min(first, channel.firstTime());
                        last = Math.max(last, channel.lastTime());
                    }
                }
            }
        }

        private Places placesOf(Channel channel) {
            return places.computeIfAbsent(
                    SeriesKey.of(channel), key -> new Places(new ArrayList<>(), new ArrayList<>()));
        }

        MergedBlock build(String device, long fromNs, long toNs) {
            return new MergedBlock(device, fromNs, toNs, this);
        }
    }

    private MergedBlock(String device, long fromNs, long toNs, Builder builder) {
        this.device = device;
        this.quarantine = builder.quarantine;
        this.mask = builder.mask;
        this.fromNs = fromNs;
        this.toNs = toNs;
        this.firstEventTime = Math.max(fromNs, builder.first);
        this.lastEventTime = Math.min(toNs - 1, builder.last);
        builder.places.forEach((key, of) -> {
            channels.add(
                    of.fresh.isEmpty()
                            ? of.settled.get(of.settled.size() - 1).channel()
                            : of.fresh.get(of.fresh.size() - 1).channel());
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
        List<SeriesRows> settled = new ArrayList<>();
        for (ChunkSeries series : of.settled) {
            try {
                SeriesRows rows = mask.filter(series.load(), false);
                if (rows.size() > 0) {
                    settled.add(rows);
                }
            } catch (CorruptColumnException e) {
                quarantine.report(series.fragment().key(), String.valueOf(e.getMessage()));
            }
        }
        if (settled.isEmpty() && of.fresh.isEmpty()) {
            return SeriesSlice.empty(channel);
        }
        SeriesRows rows = SeriesMerge.of(settled, of.fresh, null).winners().between(fromNs, toNs);
        return new SeriesSlice(
                channel, rows.size(), rows.eventTimes(), rows.edgeTimes(), rows.collectorTimes(), rows.values());
    }
}
