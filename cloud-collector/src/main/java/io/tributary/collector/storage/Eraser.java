package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.SequenceRange;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Takes orders to erase. Everything that had arrived is turned into chunks first, so that from its collector time on an
 * erasure concerns chunks and log only, never a head: which reading won over which does not depend on it.
 */
final class Eraser implements ErasureControl {
    private final EngineParts parts;
    private final Flusher flusher;
    private final CollectorClock collectorClock;
    private final ErasedDevices devices;

    /** @param collectorClock the committer's, used with its lock */
    Eraser(EngineParts parts, Flusher flusher, CollectorClock collectorClock) {
        this.parts = parts;
        this.flusher = flusher;
        this.collectorClock = collectorClock;
        this.devices = new ErasedDevices(parts);
    }

    /** What there is to erase. */
    private static final class Survey {
        private long readings;
        private long chunks;
    }

    @Override
    public ErasureStatus erase(ErasureRequest request) {
        parts.leases().acquire();
        try {
            if (parts.lifecycle().erasures().view().every().size() >= Erasures.MAX) {
                throw new IllegalArgumentException("there are " + Erasures.MAX
                        + " erasures that are not complete yet, expected less; erase with a pattern, or wait until the"
                        + " log has dropped its oldest records");
            }
            List<Partition> partitions = devices.partitions(request);
            flush(partitions); // most of it while ingest goes on
            Survey survey = survey(request);
            parts.lifecycle().commits().lock();
            try {
                flush(partitions);
                parts.checkpoint().run(); // after a crash, too, the order comes behind those chunks
                return order(request, survey).status();
            } finally {
                parts.lifecycle().commits().unlock();
            }
        } catch (RocksDBException e) {
            throw new StorageException("erasure of device " + request.device() + " cannot be made durable", e);
        } finally {
            parts.leases().release();
        }
    }

    private void flush(List<Partition> partitions) throws RocksDBException {
        for (Partition partition : partitions) {
            long end = partition.nextOffset();
            while (partition.flushedOffset() < end && flusher.flush(partition)) {
                // a flush may have been under way: the head behind it is next
            }
        }
    }

    private Erasure order(ErasureRequest request, Survey survey) throws RocksDBException {
        Map<Origin, Long> ends = new TreeMap<>();
        for (Origin origin : parts.book().origins()) {
            List<SequenceRange> known = parts.book().ledger(origin).known().ranges();
            // Where nothing is missing, nothing can come that was numbered before.
            if (known.size() > 1 || (known.size() == 1 && known.get(0).first() > 0)) {
                ends.put(origin, known.get(known.size() - 1).end());
            }
        }
        Erasures erasures = parts.lifecycle().erasures();
        Erasure erasure = new Erasure(
                erasures.nextId(),
                request,
                collectorClock.next(),
                ErasureStatus.Stage.HIDDEN,
                survey.readings,
                survey.chunks,
                ends,
                parts.log().end());
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(parts.store().meta, Keys.CLOCK, Keys.longs(collectorClock.last()));
            erasures.put(erasure, batch);
        }
        return erasure;
    }

    private Survey survey(ErasureRequest request) throws RocksDBException {
        Survey survey = new Survey();
        Erasure any = new Erasure(0, request, 0, ErasureStatus.Stage.HIDDEN, 0, 0, Map.of(), 0);
        for (String device : devices.of(request)) {
            survey(device, any, survey);
        }
        return survey;
    }

    private void survey(String device, Erasure any, Survey survey) throws RocksDBException {
        long from = Math.max(any.request().fromNs(), Long.MIN_VALUE / 2);
        long to = Math.min(any.request().toNs(), Long.MAX_VALUE / 2 + 1);
        if (from >= to) {
            return;
        }
        long bucketNs = parts.options().bucket().toNanos();
        try (ReadMoment moment = ReadMoment.of(parts, device)) {
            try (FragmentSource reader = moment.fragments()) {
                long last = Math.floorDiv(to - 1, bucketNs);
                OptionalLong bucket = reader.nearestBucket(device, Math.floorDiv(from, bucketNs), last, true);
                while (bucket.isPresent()) {
                    for (Fragment fragment : reader.fragments(bucket.getAsLong(), device)) {
                        survey(fragment, any, survey);
                    }
                    bucket = reader.nearestBucket(device, bucket.getAsLong() + 1, last, true);
                }
            }
            try (EngineCursor cursor = new EngineCursor(parts, moment, () -> {}, device, null, from, to, true)) {
                for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                    survey.readings += readings(block, any);
                }
            }
        }
    }

    private static void survey(Fragment fragment, Erasure any, Survey survey) {
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (ChunkChannel channel : group.channels()) {
                if (any.coversAny(channel.firstTime(), channel.lastTime())
                        && any.coversChannel(channel.channel().name())) {
                    survey.chunks++;
                    return;
                }
            }
        }
    }

    private static long readings(DeviceBlock block, Erasure any) {
        long readings = 0;
        for (int i = 0; i < block.channels().size(); i++) {
            if (any.coversChannel(block.channels().get(i).name())) {
                SeriesStats stats = block.stats(i);
                readings += stats == null ? block.slice(i).size() : stats.count();
            }
        }
        return readings;
    }

    @Override
    public List<ErasureStatus> list(int limit, long after) {
        return parts.lifecycle().erasures().view().every().stream()
                .filter(erasure -> erasure.id() > after)
                .limit(limit)
                .map(Erasure::status)
                .toList();
    }

    @Override
    public @Nullable ErasureStatus get(long id) {
        Erasure erasure = parts.lifecycle().erasures().get(id);
        return erasure == null ? null : erasure.status();
    }
}
