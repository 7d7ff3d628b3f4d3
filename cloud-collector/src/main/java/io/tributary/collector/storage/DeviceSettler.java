package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;

/**
 * Decides what becomes of a device's fresh rows, by comparing them with each other and with the chunks that they overlap.
 * Rows behind everything stored, which is nearly all of them, need no look at what is stored. Not thread-safe.
 */
final class DeviceSettler {
    private final FragmentReader reader;
    private final Quarantine quarantine;
    private final long bucketNs;

    /**
     * What is to be stored of a bucket.
     *
     * @param groups may be empty
     * @param overlaps whether the groups reach into a stored fragment
     */
    record Settled(long bucket, List<RowGroup> groups, boolean overlaps) {}

    DeviceSettler(FragmentReader reader, Quarantine quarantine, long bucketNs) {
        this.reader = reader;
        this.quarantine = quarantine;
        this.bucketNs = bucketNs;
    }

    /**
     * @param fresh groups of one device, as its heads give them
     * @param mask what of the device is expired or erased
     * @param storedLast no stored reading of the device has a higher event time
     */
    List<Settled> settle(String device, List<RowGroup> fresh, long storedLast, Mask mask, Settlement settlement)
            throws RocksDBException {
        List<Settled> result = new ArrayList<>(1);
        for (Map.Entry<Long, List<RowGroup>> each :
                RowGroups.byBucket(fresh, bucketNs).entrySet()) {
            long bucket = each.getKey();
            settlement.begin(bucket);
            List<RowGroup> kept = kept(each.getValue(), bucket, mask, settlement);
            if (!kept.isEmpty()) {
                result.add(settle(device, bucket, kept, storedLast, mask, settlement));
            }
        }
        return result;
    }

    private static List<RowGroup> kept(List<RowGroup> groups, long bucket, Mask mask, Settlement settlement) {
        if (!mask.mayExpire(bucket)) {
            return groups;
        }
        List<RowGroup> kept = new ArrayList<>(groups.size());
        for (RowGroup group : groups) {
            RowGroup left = mask.unexpired(group, bucket, settlement);
            if (left != null) {
                kept.add(left);
            }
        }
        return kept;
    }

    private Settled settle(
            String device, long bucket, List<RowGroup> groups, long storedLast, Mask mask, Settlement settlement)
            throws RocksDBException {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (RowGroup group : groups) {
            first = Math.min(first, group.eventTimes()[0]);
            last = Math.max(last, group.eventTimes()[group.rows() - 1]);
        }
        List<Fragment> overlapping = new ArrayList<>(0);
        if (first <= storedLast) {
            for (Fragment fragment : reader.fragments(bucket, device)) {
                if (fragment.overlaps(first, last)) {
                    overlapping.add(fragment);
                }
            }
        }
        if (overlapping.isEmpty() && RowGroups.distinct(groups)) {
            groups.forEach(group -> count(group, settlement));
            return new Settled(bucket, groups, false);
        }
        Map<SeriesKey, List<SeriesRows>> fresh = new TreeMap<>();
        for (RowGroup group : groups) {
            for (int i = 0; i < group.channels().length; i++) {
                fresh.computeIfAbsent(SeriesKey.of(group.channels()[i]), unused -> new ArrayList<>(1))
                        .add(SeriesRows.of(group, i));
            }
        }
        List<SeriesRows> winners = new ArrayList<>();
        fresh.forEach((key, rows) -> {
            SeriesRows left = SeriesMerge.of(stored(overlapping, key, rows, mask), rows, settlement)
                    .freshWinners();
            if (left.size() > 0) {
                winners.add(left);
            }
        });
        List<RowGroup> left = winners.isEmpty() ? List.of() : RowJoiner.join(winners);
        return new Settled(bucket, left, !overlapping.isEmpty());
    }

    private static void count(RowGroup group, Settlement settlement) {
        int width = group.columns().length;
        int from = 0;
        while (from < group.rows()) {
            Origin origin = group.origins()[from];
            int to = from + 1;
            while (to < group.rows() && group.origins()[to] == origin) {
                to++;
            }
            settlement.stored(origin, (long) (to - from) * width);
            from = to;
        }
    }

    /** The series in the fragments, where it overlaps the fresh rows. */
    private List<SeriesRows> stored(List<Fragment> fragments, SeriesKey key, List<SeriesRows> fresh, Mask mask) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (SeriesRows rows : fresh) {
            first = Math.min(first, rows.eventTimes()[0]);
            last = Math.max(last, rows.eventTimes()[rows.size() - 1]);
        }
        List<SeriesRows> stored = new ArrayList<>();
        for (Fragment fragment : fragments) {
            for (ChunkGroup group : fragment.chunk().groups()) {
                for (int i = 0; i < group.channels().size(); i++) {
                    ChunkChannel channel = group.channels().get(i);
                    if (channel.firstTime() <= last
                            && channel.lastTime() >= first
                            && key.equals(SeriesKey.of(channel.channel()))) {
                        try {
                            stored.add(mask.filter(ChunkSeries.load(group, i).between(first, last + 1), false));
                        } catch (CorruptColumnException e) {
                            quarantine.report(fragment.key(), String.valueOf(e.getMessage()));
                        }
                    }
                }
            }
        }
        stored.removeIf(rows -> rows.size() == 0);
        return stored;
    }
}
