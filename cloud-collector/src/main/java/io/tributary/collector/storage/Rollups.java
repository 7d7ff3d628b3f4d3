package io.tributary.collector.storage;

import io.tributary.column.CorruptColumnException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes rollups from chunks. Whoever changes chunks leaves a note of the time that changed, in the same write; windows
 * without a note are exact, those under one are computed again from the readings, whatever happened to them: late ones,
 * replaced ones, erased ones. Readings that have expired do not change their rollups.
 */
final class Rollups {
    private static final Logger LOG = LoggerFactory.getLogger(Rollups.class);
    /** Rows of a rollup chunk, about: what one change rewrites. */
    private static final int ROWS = 1024;

    private final EngineParts parts;
    private final List<RollupLevel> levels;
    private final long bucketNs;

    Rollups(EngineParts parts) {
        this.parts = parts;
        this.bucketNs = parts.options().bucket().toNanos();
        List<RollupLevel> sorted = new ArrayList<>(parts.lifecycle().options().rollups());
        sorted.sort(Comparator.comparing(RollupLevel::every).reversed());
        this.levels = List.copyOf(sorted);
        for (RollupLevel level : levels) {
            if (bucketNs % level.everyNs() != 0) {
                throw new IllegalArgumentException(
                        "rollups every " + level.every() + ", expected a part of the bucket of "
                                + parts.options().bucket());
            }
        }
    }

    /** The coarsest first. */
    List<RollupLevel> levels() {
        return levels;
    }

    /** Buckets of the store in a bucket of a level's rollups. */
    long factor(RollupLevel level) {
        return Math.max(1, (ROWS * level.everyNs() + bucketNs - 1) / bucketNs);
    }

    long rollupBucket(RollupLevel level, long timeNs) {
        return Math.floorDiv(timeNs, bucketNs * factor(level));
    }

    /** The first bucket of a level that is kept. */
    long horizon(RollupLevel level) {
        long time = parts.lifecycle().retention().horizons().timeNs();
        Duration keep = level.keep();
        return keep == null || time == 0 ? Long.MIN_VALUE : rollupBucket(level, time - keep.toNanos());
    }

    /** Before this, rollups of a level are gone, or going. */
    long horizonNs(RollupLevel level) {
        long horizon = horizon(level);
        return horizon == Long.MIN_VALUE ? Long.MIN_VALUE : horizon * factor(level) * bucketNs;
    }

    /** Notes that readings of a device in a bucket changed, in the write that changes them; with the flush lock. */
    static void note(EngineParts parts, WriteBatch batch, String device, long bucket, long firstNs, long lastNs)
            throws RocksDBException {
        if (parts.lifecycle().options().rollups().isEmpty()) {
            return;
        }
        byte[] key = RollupKeys.note(device, bucket);
        byte[] known = parts.store().get(parts.store().meta, key);
        long first = known == null ? firstNs : Math.min(firstNs, Keys.longAt(known, 0));
        long last = known == null ? lastNs : Math.max(lastNs, Keys.longAt(known, 1));
        batch.put(parts.store().meta, key, Keys.longs(first, last));
    }

    /** Levels that were not there before begin with what is in the store. */
    void start() throws RocksDBException {
        ByteBuffer now = ByteBuffer.allocate(4 * levels.size());
        levels.forEach(level -> now.put(RollupKeys.level(level)));
        byte[] before = parts.store().get(parts.store().meta, RollupKeys.LEVELS);
        boolean all = true;
        for (RollupLevel level : levels) {
            all &= before != null && contains(before, RollupKeys.level(level));
        }
        if (!all) {
            noteEverything();
        }
        if (before != null || !levels.isEmpty()) {
            parts.store().put(parts.store().meta, RollupKeys.LEVELS, now.array());
        }
    }

    private static boolean contains(byte[] all, byte[] one) {
        for (int i = 0; i < all.length; i += one.length) {
            if (Arrays.equals(all, i, i + one.length, one, 0, one.length)) {
                return true;
            }
        }
        return false;
    }

    private void noteEverything() throws RocksDBException {
        byte[] key = parts.store().firstKey(parts.store().chunk);
        long notes = 0;
        while (key != null) {
            long bucket = ChunkKeys.bucket(key);
            String device = ChunkKeys.device(key);
            try (WriteBatch batch = new WriteBatch()) {
                note(parts, batch, device, bucket, bucket * bucketNs, bucket * bucketNs + bucketNs - 1);
                parts.store().writeAside(batch, false);
            }
            notes++;
            key = parts.store().keyFrom(parts.store().chunk, ChunkKeys.behind(ChunkKeys.prefix(bucket, device)));
        }
        LOG.info("rollups are computed for {} buckets of devices that are in the store", notes);
    }

    /** @return whether there was a note to work on */
    boolean work() throws RocksDBException {
        if (levels.isEmpty()) {
            return false;
        }
        byte[] note = parts.store().keyFrom(parts.store().meta, RollupKeys.NOTES);
        if (note == null || note[0] != RollupKeys.NOTES[0]) {
            return false;
        }
        String device = RollupKeys.noteDevice(note);
        Partition partition = parts.partitionOf(device);
        partition.flushLock.lock();
        try {
            byte[] range = parts.store().get(parts.store().meta, note);
            if (range != null) {
                compute(device, note, Keys.longAt(range, 0), Keys.longAt(range, 1));
            }
        } finally {
            partition.flushLock.unlock();
        }
        return true;
    }

    private void compute(String device, byte[] note, long firstNs, long lastNs) throws RocksDBException {
        long bucket = RollupKeys.noteBucket(note);
        Mask mask = parts.mask(device);
        Snapshot snapshot = parts.store().snapshot();
        ReadMoment moment = new ReadMoment(parts, snapshot, null, List.of(), mask);
        try (WriteBatch batch = new WriteBatch()) {
            for (RollupLevel level : levels) {
                long from = Math.floorDiv(firstNs, level.everyNs()) * level.everyNs();
                long to = (Math.floorDiv(lastNs, level.everyNs()) + 1) * level.everyNs();
                Map<SeriesKey, RollupSeries> fresh = new TreeMap<>();
                try (EngineCursor cursor = new EngineCursor(parts, moment, () -> {}, device, null, from, to, true)) {
                    for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                        for (int i = 0; i < block.channels().size(); i++) {
                            SeriesSlice slice = block.slice(i);
                            fresh.computeIfAbsent(
                                            SeriesKey.of(slice.channel()),
                                            key -> new RollupSeries(slice.channel(), level.everyNs()))
                                    .add(slice);
                        }
                    }
                }
                replace(level, device, bucket, mask, from / level.everyNs(), to / level.everyNs(), fresh, batch);
            }
            batch.delete(parts.store().meta, note);
            parts.store().writeAside(batch, false);
            parts.metrics().rolledUp();
        } finally {
            parts.store().release(snapshot);
        }
    }

    /** Puts the fresh rows in the place of those of windows {@code [from, to)}; what has expired stays. */
    private void replace(
            RollupLevel level,
            String device,
            long bucket,
            Mask mask,
            long from,
            long to,
            Map<SeriesKey, RollupSeries> fresh,
            WriteBatch batch)
            throws RocksDBException {
        byte[] key = RollupKeys.rollup(level, Math.floorDiv(bucket, factor(level)), device);
        Map<SeriesKey, RollupSeries> result = new TreeMap<>();
        for (RollupSeries before : read(key, level, null)) {
            RollupSeries after = new RollupSeries(before.channel, level.everyNs());
            SeriesKey series = SeriesKey.of(before.channel);
            after.addRows(before, 0, before.indexOf(from));
            RollupSeries now = fresh.remove(series);
            if (mask.isExpired(before.channel.name(), bucket)) {
                after.addRows(before, before.indexOf(from), before.indexOf(to));
            } else if (now != null) {
                after.addRows(now, 0, now.size);
            }
            after.addRows(before, before.indexOf(to), before.size);
            if (after.size > 0) {
                result.put(series, after);
            }
        }
        result.putAll(fresh);
        write(key, result, batch);
    }

    private void write(byte[] key, Map<SeriesKey, RollupSeries> series, WriteBatch batch) throws RocksDBException {
        if (series.isEmpty()) {
            batch.delete(parts.store().rollup, key);
        } else {
            batch.put(parts.store().rollup, key, RollupCodec.encode(series.values()));
        }
    }

    /** The rows of a device in a rollup bucket; none when there are none, or they cannot be read. */
    List<RollupSeries> read(byte[] key, RollupLevel level, @Nullable ReadOptions options) throws RocksDBException {
        byte[] bytes = options == null
                ? parts.store().get(parts.store().rollup, key)
                : parts.store().get(parts.store().rollup, options, key);
        if (bytes == null) {
            return List.of();
        }
        try {
            return RollupCodec.decode(bytes, level.everyNs());
        } catch (CorruptColumnException e) {
            LOG.error("a rollup of every {} is damaged and left out: {}", level.every(), e.getMessage());
            return List.of();
        }
    }

    /**
     * Takes the windows that an erasure touches out of rollups whose readings have expired, as they cannot be computed
     * again; with the flush lock.
     */
    void erase(Erasure erasure, String device) throws RocksDBException {
        Mask mask = parts.mask(device);
        for (RollupLevel level : levels) {
            byte[] key = parts.store().keyFrom(parts.store().rollup, RollupKeys.level(level));
            while (key != null && RollupKeys.isOf(level, key)) {
                long bucket = RollupKeys.bucket(key);
                erase(erasure, device, level, bucket, mask);
                key = parts.store().keyFrom(parts.store().rollup, RollupKeys.bucketStart(level, bucket + 1));
            }
        }
    }

    private void erase(Erasure erasure, String device, RollupLevel level, long bucket, Mask mask)
            throws RocksDBException {
        byte[] key = RollupKeys.rollup(level, bucket, device);
        Map<SeriesKey, RollupSeries> result = new TreeMap<>();
        boolean changed = false;
        for (RollupSeries before : read(key, level, null)) {
            RollupSeries after = new RollupSeries(before.channel, level.everyNs());
            for (int row = 0; row < before.size; row++) {
                long start = before.windowStart(row);
                boolean gone = erasure.coversChannel(before.channel.name())
                        && erasure.coversAny(start, start + level.everyNs() - 1)
                        && mask.isExpired(before.channel.name(), Math.floorDiv(start, bucketNs));
                changed |= gone;
                if (!gone) {
                    after.addRows(before, row, row + 1);
                }
            }
            if (after.size > 0) {
                result.put(SeriesKey.of(before.channel), after);
            }
        }
        if (changed) {
            try (WriteBatch batch = new WriteBatch()) {
                write(key, result, batch);
                parts.store().writeAside(batch, false);
            }
        }
    }

    /** Takes away what is older than its level keeps. */
    void expire() throws RocksDBException {
        for (RollupLevel level : levels) {
            long horizon = horizon(level);
            byte[] first = parts.store().keyFrom(parts.store().rollup, RollupKeys.level(level));
            if (first != null && RollupKeys.isOf(level, first) && RollupKeys.bucket(first) < horizon) {
                try (WriteBatch batch = new WriteBatch()) {
                    batch.deleteRange(parts.store().rollup, first, RollupKeys.bucketStart(level, horizon));
                    parts.store().writeAside(batch, false);
                }
            }
        }
    }

    /** Times of a device whose windows are not exact, ascending pairs of first and last. */
    List<long[]> stale(String device, ReadOptions options) throws RocksDBException {
        List<long[]> stale = new ArrayList<>();
        byte[] prefix = RollupKeys.notes(device);
        try (RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            for (each.seek(prefix); each.isValid() && Keys.startsWith(each.key(), prefix); each.next()) {
                stale.add(new long[] {Keys.longAt(each.value(), 0), Keys.longAt(each.value(), 1)});
            }
            each.status();
        }
        return stale;
    }
}
