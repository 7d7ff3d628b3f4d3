package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * Goes through a range of time, by rollups where those are exact, and by readings where they are not.
 *
 * <pre>
 * from |...raw...|====== rollup ======|.raw: changed since.|==== rollup ====|..raw..| to
 *                ^ a window begins                                           ^
 * </pre>
 */
final class RollupCursor implements BlockCursor {
    private final EngineParts parts;
    private final Rollups rollups;
    private final RollupLevel level;
    private final ReadMoment moment;
    private final ReadOptions options;
    private final String device;
    private final @Nullable Set<String> names;
    private final Deque<Stretch> stretches = new ArrayDeque<>();
    private @Nullable EngineCursor raw;
    private long nextBucket;
    private boolean begun;
    private boolean closed;

    private record Stretch(long fromNs, long toNs, boolean exact) {}

    RollupCursor(
            EngineParts parts,
            Rollups rollups,
            RollupLevel level,
            ReadMoment moment,
            String device,
            @Nullable Set<String> names,
            long fromNs,
            long toNs)
            throws RocksDBException {
        this.parts = parts;
        this.rollups = rollups;
        this.level = level;
        this.moment = moment;
        this.device = device;
        this.names = names;
        Snapshot snapshot = moment.snapshot();
        if (snapshot == null) {
            throw new IllegalStateException("BUG: rollups of no snapshot");
        }
        this.options = new ReadOptions().setSnapshot(snapshot);
        plan(fromNs, toNs);
    }

    private void plan(long fromNs, long toNs) throws RocksDBException {
        long every = level.everyNs();
        long at = fromNs;
        long end = Math.floorDiv(toNs, every) * every;
        long begin = -Math.floorDiv(-fromNs, every) * every;
        long horizon = rollups.horizonNs(level);
        begin = Math.max(begin, horizon);
        if (begin >= end) {
            stretches.add(new Stretch(fromNs, toNs, false));
            return;
        }
        at = add(at, begin, false);
        for (long[] stale : stale()) {
            long first = Math.max(at, Math.floorDiv(stale[0], every) * every);
            long behind = Math.min(end, (Math.floorDiv(stale[1], every) + 1) * every);
            if (behind > first) {
                at = add(at, first, true);
                at = add(at, behind, false);
            }
        }
        at = add(at, end, true);
        add(at, toNs, false);
    }

    private long add(long from, long to, boolean exact) {
        if (from < to) {
            stretches.add(new Stretch(from, to, exact));
        }
        return Math.max(from, to);
    }

    private List<long[]> stale() throws RocksDBException {
        List<long[]> stale = new ArrayList<>(rollups.stale(device, options));
        for (HeadDevice head : moment.heads()) {
            if (head.rows() > 0) {
                stale.add(new long[] {head.firstEventTimeNs(), head.lastEventTimeNs()});
            }
        }
        for (Erasure erasure : moment.mask().pending()) {
            stale.add(new long[] {
                Math.max(erasure.request().fromNs(), Long.MIN_VALUE / 2),
                Math.min(erasure.request().toNs(), Long.MAX_VALUE / 2) - 1
            });
        }
        stale.sort(Comparator.comparingLong(range -> range[0]));
        return stale;
    }

    @Override
    public @Nullable DeviceBlock next() {
        try {
            while (!stretches.isEmpty()) {
                Stretch stretch = stretches.element();
                DeviceBlock block = stretch.exact ? exact(stretch) : raw(stretch);
                if (block != null) {
                    return block;
                }
                stretches.remove();
                begun = false;
            }
            return null;
        } catch (RocksDBException e) {
            throw new StorageException("rollups of device " + device + " cannot be read", e);
        }
    }

    private @Nullable DeviceBlock raw(Stretch stretch) {
        EngineCursor cursor = raw;
        if (cursor == null) {
            cursor = new EngineCursor(parts, moment, () -> {}, device, names, stretch.fromNs, stretch.toNs, true);
            raw = cursor;
        }
        DeviceBlock block = cursor.next();
        if (block == null) {
            cursor.close();
            raw = null;
        }
        return block;
    }

    private @Nullable DeviceBlock exact(Stretch stretch) throws RocksDBException {
        if (!begun) {
            begun = true;
            nextBucket = Math.max(rollups.rollupBucket(level, stretch.fromNs), rollups.horizon(level));
        }
        long last = rollups.rollupBucket(level, stretch.toNs - 1);
        while (nextBucket <= last) {
            byte[] key = RollupKeys.rollup(level, nextBucket, device);
            List<RollupSeries> found = new ArrayList<>();
            for (RollupSeries series : rollups.read(key, level, options)) {
                if (names == null || names.contains(series.channel.name())) {
                    RollupSeries part =
                            series.between(stretch.fromNs / level.everyNs(), stretch.toNs / level.everyNs());
                    if (part.size > 0) {
                        found.add(part);
                    }
                }
            }
            long bucket = nextBucket++;
            if (!found.isEmpty()) {
                return new RollupBlock(device, found);
            }
            if (nextBucket < last) { // nothing at all may be stored for long
                byte[] stored = parts.store().keyFrom(parts.store().rollup, RollupKeys.bucketStart(level, bucket + 1));
                if (stored == null || !RollupKeys.isOf(level, stored)) {
                    nextBucket = last + 1;
                } else {
                    nextBucket = Math.max(nextBucket, RollupKeys.bucket(stored));
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (raw != null) {
                raw.close();
            }
            options.close();
            moment.close();
        }
    }

    /** Statistics instead of readings. */
    private static final class RollupBlock implements DeviceBlock {
        private final String device;
        private final List<RollupSeries> series;

        RollupBlock(String device, List<RollupSeries> series) {
            this.device = device;
            this.series = series;
            series.sort(Comparator.comparing(each -> SeriesKey.of(each.channel)));
        }

        @Override
        public String device() {
            return device;
        }

        @Override
        public long firstEventTime() {
            return series.stream().mapToLong(each -> each.windowStart(0)).min().orElse(Long.MAX_VALUE);
        }

        @Override
        public long lastEventTime() {
            return series.stream()
                    .mapToLong(each -> each.windowStart(each.size - 1) + each.everyNs - 1)
                    .max()
                    .orElse(Long.MIN_VALUE);
        }

        @Override
        public List<Channel> channels() {
            return series.stream().map(each -> each.channel).toList();
        }

        @Override
        public @Nullable SeriesStats stats(int channel) {
            return null;
        }

        @Override
        public StatsRows statsRows(int channel) {
            return series.get(channel);
        }

        @Override
        public SeriesSlice slice(int channel) {
            throw new IllegalStateException("BUG: a rollup has no readings");
        }
    }
}
