package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers of devices what questions about many of them ask for: the latest readings, and the statistics of chunk
 * headers. A summary is right until its partition takes an append or its chunks change; then it is made anew for whoever
 * asks next, from what the device cache and the heads hold. Any thread.
 *
 * <pre>
 * latest, totals of a device
 *     -> summary, and its partition as it was?   a look into a map
 *     -> else a {@link ReadMoment}               heads and opened chunks, some microseconds
 *           -> not in the device cache?          the database
 * </pre>
 */
final class Summaries {
    /** With more blocks than this a device is read, rather than all of them remembered. */
    private static final int BLOCKS_MAX = 32;
    /** Lists of channels that devices share: of a fleet, most have the same. What they take is not counted. */
    private static final int SHARED_MAX = 128;

    private static final int SHARED_CHANNELS_MAX = 128;

    private final EngineParts parts;
    private final EngineReader reader;
    private final BoundedCache<DeviceSummary> cache;
    private final ConcurrentHashMap<List<Channel>, Channel[]> shared = new ConcurrentHashMap<>();

    Summaries(EngineParts parts, EngineReader reader) {
        this.parts = parts;
        this.reader = reader;
        this.cache = parts.summaries();
    }

    SummaryReader begin() {
        return new Pass(parts.lifecycle().masks());
    }

    /** One query. */
    private final class Pass implements SummaryReader {
        private final Masks masks;
        /** What the rest is about. */
        private @Nullable TimeSpan spans;
        /** Per partition: the last changes in the range, once they were looked up. */
        private final boolean[] looked;

        private final long[] lastAppends;
        private final long[] lastChanges;

        Pass(Masks masks) {
            this.masks = masks;
            int partitions = parts.options().partitions();
            this.looked = new boolean[partitions];
            this.lastAppends = new long[partitions];
            this.lastChanges = new long[partitions];
        }

        @Override
        public LatestReadings latest(String device) {
            DeviceSummary summary = summary(device);
            if (summary.latest != null) {
                return summary.latest;
            }
            LatestReadings latest = share(LatestReadings.of(reader.latest(device, null)));
            if (latest.size() > 0) { // anybody can ask for a device that there is not
                cache.put(device, summary.with(latest));
            }
            return latest;
        }

        @Override
        public @Nullable DeviceTotals totals(String device, TimeSpan range) {
            DeviceSummary known = cache.get(device);
            // Why something is unknown may lie elsewhere, or have been chance.
            if (known != null
                    && known.totals != null
                    && known.totals != DeviceTotals.UNKNOWN
                    && isRight(known, range)) {
                known.touch();
                return known.totals;
            }
            DeviceSummary summary = summary(device);
            DeviceTotals totals = summary.totals;
            if (totals == null) {
                totals = read(device);
                if (totals == DeviceTotals.UNKNOWN || totals.blocks() > 0) {
                    cache.put(device, summary.with(totals));
                }
            }
            return totals == DeviceTotals.UNKNOWN ? null : totals;
        }

        private boolean isRight(DeviceSummary known, TimeSpan range) {
            if (!range.equals(spans)) {
                spans = range;
                Arrays.fill(looked, false);
            }
            int partition = known.partition().number;
            if (!looked[partition]) {
                long bucketNs = parts.options().bucket().toNanos();
                looked[partition] = true;
                lastAppends[partition] = known.partition().lastAppend(range.fromNs(), range.toNs());
                lastChanges[partition] = parts.store()
                        .lastChange(
                                partition,
                                Math.floorDiv(range.fromNs(), bucketNs),
                                Math.floorDiv(range.toNs() - 1, bucketNs));
            }
            return known.isRight(parts.store(), masks, lastAppends[partition], lastChanges[partition]);
        }

        /** What is known and right; an empty one when nothing is. */
        private DeviceSummary summary(String device) {
            DeviceSummary known = cache.get(device);
            if (known != null && known.isRight(parts.store(), masks)) {
                known.touch();
                return known;
            }
            return DeviceSummary.empty(parts.store(), parts.partitionOf(device), masks);
        }
    }

    private LatestReadings share(LatestReadings latest) {
        Channel[] same = share(List.of(latest.channelArray()));
        return same == null ? latest : latest.withChannels(same);
    }

    /** An array that other devices have, too; null when there are too many. */
    private Channel @Nullable [] share(List<Channel> channels) {
        if (channels.size() > SHARED_CHANNELS_MAX) {
            return null;
        }
        Channel[] known = shared.get(channels);
        if (known != null || shared.size() >= SHARED_MAX) {
            return known;
        }
        return shared.computeIfAbsent(channels, list -> list.toArray(new Channel[0]));
    }

    private DeviceTotals read(String device) {
        try (ReadMoment moment = ReadMoment.of(parts, device)) {
            if (moment.cached() == null || !moment.isUnmasked()) {
                return DeviceTotals.UNKNOWN;
            }
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (HeadDevice head : moment.heads()) {
                first = Math.min(first, head.firstEventTimeNs());
                last = Math.max(last, head.lastEventTimeNs());
            }
            List<DeviceTotals.Block> blocks = new ArrayList<>();
            long from = Long.MIN_VALUE / 2;
            try (EngineCursor cursor =
                    new EngineCursor(parts, moment.withoutHeads(), () -> {}, device, null, from, -from, true)) {
                for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                    if (blocks.size() == BLOCKS_MAX) {
                        return DeviceTotals.UNKNOWN;
                    }
                    blocks.add(describe(block));
                }
            }
            return new DeviceTotals(blocks, first, last);
        }
    }

    private DeviceTotals.Block describe(DeviceBlock block) {
        int size = block.channels().size();
        Channel[] same = share(block.channels());
        SeriesStats[] stats = new SeriesStats[size];
        for (int i = 0; i < size; i++) {
            stats[i] = block.stats(i);
        }
        return new DeviceTotals.Block(
                block.firstEventTime(),
                block.lastEventTime(),
                same == null ? block.channels().toArray(new Channel[0]) : same,
                stats);
    }
}
