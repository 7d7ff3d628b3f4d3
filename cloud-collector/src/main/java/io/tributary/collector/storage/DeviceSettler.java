package io.tributary.collector.storage;

import io.tributary.collector.chunk.RowGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.rocksdb.RocksDBException;

/**
 * Decides what becomes of a device's fresh rows, by comparing them with each other and with the chunks that they overlap.
 *
 * <pre>
 * stored     [ fragment ][ fragment ]|
 * fresh            o         o o     |  ooooooooooo
 *                  late              |  behind everything stored: nearly all of them
 * </pre>
 *
 * What lies behind everything stored needs no look at it, and becomes a fragment that nothing overlaps. Of late rows the
 * event times are compared with those of the chunks around them; only where they meet are values read. They become a small
 * fragment of their own, so that what they overlap can be folded with them alone. Not thread-safe.
 */
final class DeviceSettler {
    private final FragmentReader reader;
    private final Quarantine quarantine;
    private final long bucketNs;

    /**
     * What is to be stored of a bucket.
     *
     * @param parts groups of a fragment each; none when nothing is to be stored
     * @param overlapped how many stored fragments a part reaches into
     */
    record Settled(long bucket, List<List<RowGroup>> parts, int overlapped) {
        /** Both, of one bucket. */
        Settled and(Settled later) {
            List<List<RowGroup>> all = new ArrayList<>(parts);
            all.addAll(later.parts);
            return new Settled(bucket, all, overlapped + later.overlapped);
        }
    }

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
        List<RowGroup> late = RowGroups.through(groups, storedLast);
        List<Fragment> behindFirst = new ArrayList<>(0);
        if (!late.isEmpty()) {
            long first = RowGroups.firstEvent(late);
            for (Fragment fragment : reader.fragments(bucket, device)) {
                if (fragment.overlaps(first, Long.MAX_VALUE)) {
                    behindFirst.add(fragment);
                }
            }
        }
        List<List<RowGroup>> parts = new ArrayList<>(2);
        if (behindFirst.isEmpty()) {
            parts.add(settleFresh(groups, settlement));
            return new Settled(bucket, parts, 0);
        }
        long last = RowGroups.lastEvent(late);
        behindFirst.removeIf(fragment -> fragment.chunk().firstTime() > last);
        List<RowGroup> left = settleLate(late, behindFirst, mask, settlement);
        if (!left.isEmpty()) {
            parts.add(left);
        }
        List<RowGroup> behind = RowGroups.after(groups, storedLast);
        if (!behind.isEmpty()) {
            parts.add(settleFresh(behind, settlement));
        }
        return new Settled(bucket, parts, left.isEmpty() ? 0 : behindFirst.size());
    }

    private List<RowGroup> settleLate(
            List<RowGroup> late, List<Fragment> overlapping, Mask mask, Settlement settlement) {
        StoredRows stored = new StoredRows(late, overlapping, mask, quarantine);
        return stored.isEmpty() ? settleFresh(late, settlement) : bySeries(late, stored::series, settlement);
    }

    /** Rows that meet nothing stored; some are left. */
    private static List<RowGroup> settleFresh(List<RowGroup> groups, Settlement settlement) {
        if (!RowMerge.isEnough(groups)) {
            return bySeries(groups, key -> List.of(), settlement);
        }
        List<RowGroup> winners = new ArrayList<>(groups.size());
        for (RowGroup group : groups) {
            winners.add(RowMerge.winners(group, settlement));
        }
        return winners;
    }

    private static List<RowGroup> bySeries(
            List<RowGroup> groups, Function<SeriesKey, List<SeriesRows>> stored, Settlement settlement) {
        Map<SeriesKey, List<SeriesRows>> fresh = new TreeMap<>();
        for (RowGroup group : groups) {
            for (int i = 0; i < group.channels().length; i++) {
                fresh.computeIfAbsent(SeriesKey.of(group.channels()[i]), unused -> new ArrayList<>(1))
                        .add(SeriesRows.of(group, i));
            }
        }
        List<SeriesRows> winners = new ArrayList<>();
        fresh.forEach((key, rows) -> {
            SeriesRows left =
                    SeriesMerge.of(stored.apply(key), rows, settlement).freshWinners();
            if (left.size() > 0) {
                winners.add(left);
            }
        });
        return winners.isEmpty() ? List.of() : RowJoiner.join(winners);
    }
}
