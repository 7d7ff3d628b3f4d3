package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.ChunkWriter;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Takes out of the chunks of a device in a bucket what its mask hides, and moves the counts: the chunks and their counts
 * change in one write. What was hidden is counted as it stood before: of several readings of a series and event time the
 * one that had won. Doing it again finds nothing to do.
 */
final class ChunkRewriter {
    private final EngineParts parts;

    ChunkRewriter(EngineParts parts) {
        this.parts = parts;
    }

    /** What is taken out, by series and then by origin. */
    private static final class Taken {
        private final Map<SeriesKey, List<SeriesRows>> rows = new TreeMap<>();

        void add(SeriesKey key, SeriesRows some) {
            if (some.size() > 0) {
                rows.computeIfAbsent(key, unused -> new ArrayList<>(1)).add(some);
            }
        }

        boolean isEmpty() {
            return rows.isEmpty();
        }

        Map<Origin, Long> winners() {
            Map<Origin, Long> counts = new HashMap<>();
            for (List<SeriesRows> of : rows.values()) {
                SeriesRows winners = SeriesMerge.of(of, List.of(), null).winners();
                for (int i = 0; i < winners.size(); i++) {
                    counts.merge(winners.origins()[i], 1L, Long::sum);
                }
            }
            return counts;
        }
    }

    /**
     * Called with the partition's flush lock.
     *
     * @return how many readings were taken out
     */
    long rewrite(Partition partition, long bucket, String device, Mask mask) throws RocksDBException {
        if (!mask.hasErasures() && !mask.mayExpire(bucket)) {
            return 0;
        }
        Snapshot snapshot = parts.store().snapshot();
        try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false);
                WriteBatch batch = new WriteBatch()) {
            Taken erased = new Taken();
            Taken expired = new Taken();
            for (Fragment fragment : reader.fragments(bucket, device)) {
                if (isTouched(fragment, bucket, mask)) {
                    try {
                        rewrite(fragment, bucket, mask, erased, expired, batch);
                    } catch (CorruptColumnException e) {
                        parts.quarantine().report(fragment.key(), String.valueOf(e.getMessage()));
                    }
                }
            }
            if (erased.isEmpty() && expired.isEmpty()) {
                return 0;
            }
            if (!erased.isEmpty()) {
                long start = bucket * parts.options().bucket().toNanos();
                Rollups.note(
                        parts,
                        batch,
                        device,
                        bucket,
                        start,
                        start + parts.options().bucket().toNanos() - 1);
            }
            long readings = count(partition, bucket, erased.winners(), expired.winners(), batch);
            parts.store().writeChunks(batch, partition.number, bucket, bucket);
            return readings;
        } finally {
            parts.store().release(snapshot);
        }
    }

    private static boolean isTouched(Fragment fragment, long bucket, Mask mask) {
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (ChunkChannel channel : group.channels()) {
                String name = channel.channel().name();
                if (mask.isExpired(name, bucket) || mask.mayErase(name, channel.firstTime(), channel.lastTime())) {
                    return true;
                }
            }
        }
        return false;
    }

    private void rewrite(Fragment fragment, long bucket, Mask mask, Taken erased, Taken expired, WriteBatch batch)
            throws RocksDBException, CorruptColumnException {
        List<SeriesRows> left = new ArrayList<>();
        List<SeriesRows> goneErased = new ArrayList<>();
        List<SeriesRows> goneExpired = new ArrayList<>();
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (int i = 0; i < group.channels().size(); i++) {
                SeriesRows rows = ChunkSeries.load(group, i);
                goneErased.add(mask.filter(rows, true));
                SeriesRows kept = mask.filter(rows, false);
                if (mask.isExpired(rows.channel().name(), bucket)) {
                    goneExpired.add(kept);
                } else if (kept.size() > 0) {
                    left.add(kept);
                }
            }
        }
        // Only now: a fragment that turned out to be damaged half way is not counted at all.
        goneErased.forEach(rows -> erased.add(SeriesKey.of(rows.channel()), rows));
        goneExpired.forEach(rows -> expired.add(SeriesKey.of(rows.channel()), rows));
        if (left.isEmpty()) {
            batch.delete(parts.store().chunk, fragment.key());
            return;
        }
        List<RowGroup> groups = RowJoiner.join(left);
        ChunkWriter writer = new ChunkWriter();
        byte[] bytes = fragment.chunk().isPacked() ? writer.encodeCold(groups) : writer.encode(groups);
        batch.put(parts.store().chunk, fragment.key(), bytes);
        parts.metrics().rewritten(bytes.length);
    }

    private long count(
            Partition partition, long bucket, Map<Origin, Long> erased, Map<Origin, Long> expired, WriteBatch batch)
            throws RocksDBException {
        Map<Origin, SettledCounts> after = new HashMap<>();
        long readings = 0;
        for (Map.Entry<Origin, Long> each : erased.entrySet()) {
            after.put(each.getKey(), SettledCounts.ZERO.erase(each.getValue()));
            readings += each.getValue();
            parts.metrics().erased(each.getValue());
        }
        for (Map.Entry<Origin, Long> each : expired.entrySet()) {
            after.merge(each.getKey(), SettledCounts.ZERO.expire(each.getValue()), SettledCounts::plus);
            readings += each.getValue();
            parts.metrics().expired(each.getValue());
        }
        for (Map.Entry<Origin, SettledCounts> each : after.entrySet()) {
            byte[] key = Keys.settled(Keys.origin(each.getKey()), partition.number);
            SettledCounts before = SettledCounts.of(parts.store().get(parts.store().meta, key));
            batch.put(parts.store().meta, key, before.plus(each.getValue()).encode());
            Tallies.add(
                    parts.store(),
                    batch,
                    partition.number,
                    bucket,
                    each.getKey(),
                    each.getValue().stored());
        }
        return readings;
    }
}
