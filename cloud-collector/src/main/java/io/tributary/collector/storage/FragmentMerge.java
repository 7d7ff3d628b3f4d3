package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.ChunkWriter;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.EventOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Makes fragments of a device in a bucket into as few as possible that do not overlap. Of several readings of a series and
 * event time the one that arrived last is kept: it had won. Nothing is counted, it was when they lost.
 */
final class FragmentMerge {
    private final EngineParts parts;

    FragmentMerge(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * @param set at least two
     * @return bytes of the chunks that take their place; 0 when they stay, as nothing would be gained, or one is damaged
     */
    long merge(List<Fragment> set, WriteBatch batch) throws RocksDBException {
        return merge(set, batch, false);
    }

    /**
     * As {@link #merge}, for good: texts are packed.
     *
     * @param set at least one
     */
    long mergeCold(List<Fragment> set, WriteBatch batch) throws RocksDBException {
        return merge(set, batch, true);
    }

    /** Whether texts of a fragment may be packed, now that it rests. */
    static boolean isPackable(Fragment fragment) {
        for (ChunkGroup group : fragment.chunk().groups()) {
            if (group.channels().stream().anyMatch(ChunkChannel::isPackable)) {
                return true;
            }
        }
        return false;
    }

    private long merge(List<Fragment> set, WriteBatch batch, boolean cold) throws RocksDBException {
        List<Fragment> byTime = new ArrayList<>(set);
        byTime.sort(Comparator.comparingLong(fragment -> fragment.chunk().firstTime()));
        List<RowGroup> merged = merged(byTime);
        if (merged.isEmpty()) {
            return 0;
        }
        List<List<RowGroup>> pieces = RowGroups.pieces(merged, Flusher.CHUNK_ROWS);
        boolean fewer = pieces.size() < set.size() || (pieces.size() == set.size() && FoldPlan.overlap(byTime));
        boolean packable = cold && pieces.size() == set.size() && set.stream().anyMatch(FragmentMerge::isPackable);
        if (!fewer && !packable) {
            return 0;
        }
        ChunkWriter writer = new ChunkWriter();
        List<byte[]> chunks = new ArrayList<>(pieces.size());
        long written = 0;
        for (List<RowGroup> piece : pieces) {
            byte[] bytes = cold ? writer.encodeCold(piece) : writer.encode(piece);
            chunks.add(bytes);
            written += bytes.length;
        }
        long before = set.stream()
                .mapToLong(fragment -> fragment.chunk().encodedBytes())
                .sum();
        if (!fewer && written >= before) {
            return 0;
        }
        for (int i = 0; i < set.size(); i++) {
            byte[] key = set.get(i).key();
            if (i < chunks.size()) {
                batch.put(parts.store().chunk, key, chunks.get(i));
            } else {
                batch.delete(parts.store().chunk, key);
            }
        }
        parts.metrics().folded(set.size(), written);
        return written;
    }

    /** Empty when one is damaged, and reported. */
    private List<RowGroup> merged(List<Fragment> byTime) {
        List<RowGroup> rows = new ArrayList<>(byTime.size());
        Map<SeriesKey, List<SeriesRows>> series = new TreeMap<>();
        boolean dense = isDense(byTime);
        for (Fragment fragment : byTime) {
            try {
                if (dense) {
                    rows.add(fragment.chunk().groups().get(0).rowGroup());
                } else {
                    load(fragment, series);
                }
            } catch (CorruptColumnException e) {
                parts.quarantine().report(fragment.key(), String.valueOf(e.getMessage()));
                return List.of();
            }
        }
        if (dense) {
            return List.of(latest(RowGroups.concat(rows)));
        }
        List<SeriesRows> merged = new ArrayList<>();
        series.forEach(
                (key, of) -> merged.add(SeriesMerge.of(of, List.of(), null).winners()));
        return RowJoiner.join(merged);
    }

    private static void load(Fragment fragment, Map<SeriesKey, List<SeriesRows>> series) throws CorruptColumnException {
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (int i = 0; i < group.channels().size(); i++) {
                ChunkChannel channel = group.channels().get(i);
                series.computeIfAbsent(SeriesKey.of(channel.channel()), unused -> new ArrayList<>())
                        .add(ChunkSeries.load(group, i));
            }
        }
    }

    /** Whether all have the same channels, each in every row: then rows can be merged as they are. */
    private static boolean isDense(List<Fragment> fragments) {
        List<Channel> first = null;
        for (Fragment fragment : fragments) {
            List<Channel> channels = denseChannels(fragment);
            if (channels == null || (first != null && !first.equals(channels))) {
                return false;
            }
            first = channels;
        }
        return true;
    }

    private static @Nullable List<Channel> denseChannels(Fragment fragment) {
        if (fragment.chunk().groups().size() > 1) {
            return null;
        }
        ChunkGroup group = fragment.chunk().groups().get(0);
        List<Channel> channels = new ArrayList<>(group.channels().size());
        for (ChunkChannel channel : group.channels()) {
            if (channel.count() < group.rows()) {
                return null;
            }
            channels.add(channel.channel());
        }
        channels.sort(RowGroups.BY_SERIES);
        return channels;
    }

    /** The rows by event time, of each the one that arrived last. */
    private static RowGroup latest(RowGroup group) {
        int[] order = EventOrder.of(group.eventTimes(), 0, group.rows());
        int[] kept = new int[group.rows()];
        int size = 0;
        for (int i = 0; i < kept.length; i++) {
            int row = order == null ? i : order[i];
            if (size == 0 || group.eventTimes()[kept[size - 1]] != group.eventTimes()[row]) {
                kept[size++] = row;
            } else if (!RowMerge.arrivedBefore(group, row, kept[size - 1])) {
                kept[size - 1] = row;
            }
        }
        return order == null && size == kept.length ? group : RowGroups.gather(group, kept, size);
    }
}
