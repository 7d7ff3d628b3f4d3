package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ColumnStats;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A block that is one chunk, which nothing overlaps. */
final class ChunkBlock implements DeviceBlock {
    private final String device;
    private final Fragment fragment;
    private final Quarantine quarantine;
    private final long fromNs;
    private final long toNs;
    private final Mask mask;
    private final List<Place> places = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final @Nullable SeriesSlice[] slices;
    private final long firstEventTime;
    private final long lastEventTime;

    private record Place(ChunkGroup group, int index, ChunkChannel channel) {}

    ChunkBlock(
            String device,
            Fragment fragment,
            Quarantine quarantine,
            @Nullable Set<String> names,
            long fromNs,
            long toNs,
            Mask mask,
            long bucket) {
        this.device = device;
        this.fragment = fragment;
        this.quarantine = quarantine;
        this.fromNs = fromNs;
        this.toNs = toNs;
        this.mask = mask;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (int i = 0; i < group.channels().size(); i++) {
                ChunkChannel channel = group.channels().get(i);
                boolean asked =
                        names == null || names.contains(channel.channel().name());
                if (asked
                        && channel.firstTime() < toNs
                        && channel.lastTime() >= fromNs
                        && !mask.isExpired(channel.channel().name(), bucket)) {
                    places.add(new Place(group, i, channel));
                    first = Math.min(first, channel.firstTime());
                    last = Math.max(last, channel.lastTime());
                }
            }
        }
        places.sort(Comparator.comparing(place -> SeriesKey.of(place.channel.channel())));
        places.forEach(place -> channels.add(place.channel.channel()));
        this.slices = new SeriesSlice[places.size()];
        this.firstEventTime = Math.max(first, fromNs);
        this.lastEventTime = Math.min(last, toNs - 1);
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
    public @Nullable SeriesStats stats(int index) {
        ChunkChannel channel = places.get(index).channel;
        if (channel.firstTime() < fromNs
                || channel.lastTime() >= toNs
                || mask.mayErase(channel.channel().name(), channel.firstTime(), channel.lastTime())) {
            return null;
        }
        ColumnStats stats = channel.stats();
        if (stats == null && channel.channel().type() != ValueType.STRING) {
            return null;
        }
        double nan = Double.NaN;
        return stats == null
                ? new SeriesStats(channel.count(), nan, nan, nan, nan, nan, channel.firstTime(), channel.lastTime())
                : new SeriesStats(
                        channel.count(),
                        stats.min(),
                        stats.max(),
                        stats.sum(),
                        stats.first(),
                        stats.last(),
                        channel.firstTime(),
                        channel.lastTime());
    }

    @Override
    public boolean isAllGood(int index) {
        return places.get(index).channel.isAllGood();
    }

    @Override
    public SeriesSlice slice(int index) {
        SeriesSlice slice = slices[index];
        if (slice == null) {
            slice = load(places.get(index), true);
            slices[index] = slice;
        }
        return slice;
    }

    @Override
    public SeriesSlice values(int index) {
        SeriesSlice slice = slices[index];
        return slice == null ? load(places.get(index), false) : slice;
    }

    private SeriesSlice load(Place place, boolean withAllTimes) {
        Channel channel = place.channel.channel();
        try {
            if (!mask.hasErasures()) {
                Column column = place.group.column(place.index);
                if (column.presence() == null) {
                    return dense(place.group, channel, column, withAllTimes);
                }
            }
            SeriesRows rows =
                    mask.filter(ChunkSeries.load(place.group, place.index).between(fromNs, toNs), false);
            return new SeriesSlice(
                    channel, rows.size(), rows.eventTimes(), rows.edgeTimes(), rows.collectorTimes(), rows.values());
        } catch (CorruptColumnException e) {
            quarantine.report(fragment.key(), String.valueOf(e.getMessage()));
            return SeriesSlice.empty(channel);
        }
    }

    /** A series with a reading in every row: who sent them, and with which sequence, need not be decoded. */
    private SeriesSlice dense(ChunkGroup group, Channel channel, Column column, boolean withAllTimes)
            throws CorruptColumnException {
        long[] events = group.eventTimes();
        int rows = group.rows();
        SeriesSlice whole = new SeriesSlice(
                channel,
                rows,
                events,
                withAllTimes ? group.edgeTimes() : SeriesSlice.NO_TIMES,
                withAllTimes ? group.collectorTimes() : SeriesSlice.NO_TIMES,
                column);
        int from = events[0] >= fromNs ? 0 : lowerBound(events, rows, fromNs);
        int to = events[rows - 1] < toNs ? rows : lowerBound(events, rows, toNs);
        return whole.between(from, to);
    }

    private static int lowerBound(long[] times, int size, long time) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times[middle] < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
