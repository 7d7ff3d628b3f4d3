package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.Chunk;
import io.tributary.collector.chunk.ChunkWriter;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.column.Utf8;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Turns the head of a partition into chunks: one write that holds the chunks, what became of the readings, the catalog,
 * and the offset up to which the log is no longer needed. It is not in the database's own log; should it be lost in a
 * crash, the log is replayed instead. Any thread; one at a time per partition.
 */
final class Flusher {
    /** Rows per chunk: what a query for a moment decodes at most. A day of a reading every three seconds. */
    static final int CHUNK_ROWS = 1 << 15;
    /** How long late rows stay in fragments of their own. Queries merge them until then; a fold rewrites what they overlap. */
    static final long LATE_FOLD_DELAY_NS = 60_000_000_000L;

    private final EngineParts parts;

    Flusher(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * Flushes the head that was being filled, or the one that an earlier attempt left.
     *
     * @return false when there was nothing to flush
     */
    boolean flush(Partition partition) throws RocksDBException {
        partition.flushLock.lock();
        try {
            Head head = partition.flushing();
            if (head == null) {
                head = partition.beginFlush();
            }
            if (head == null) {
                return false;
            }
            try (WriteBatch batch = new WriteBatch()) {
                Writing writing = new Writing(partition, head, batch);
                writing.write();
                parts.store().writeChunks(batch, partition.number, writing.lowBucket, writing.highBucket);
                partition.endFlush(writing.fragmentsUsed, writing.newDevices);
                parts.metrics().flushed(writing.settlement.total(), writing.chunkBytes);
            }
            if (head.hasRows()) {
                parts.backlog().flushed(partition, head.firstLogPosition(), head.bytes());
            }
            return true;
        } finally {
            partition.flushLock.unlock();
        }
    }

    private final class Writing {
        private final Partition partition;
        private final Head head;
        private final WriteBatch batch;
        private final ChunkWriter writer = new ChunkWriter();
        private final Settlement settlement = new Settlement();
        private final long firstFragment;
        private final Masks masks;
        private long fragmentsUsed;
        private long newDevices;
        private long chunkBytes;
        private long lowBucket = Long.MAX_VALUE;
        private long highBucket = Long.MIN_VALUE;

        Writing(Partition partition, Head head, WriteBatch batch) {
            this.partition = partition;
            this.head = head;
            this.batch = batch;
            this.firstFragment = partition.nextFragment();
            this.masks = parts.lifecycle().masks();
        }

        void write() throws RocksDBException {
            Snapshot snapshot = parts.store().snapshot();
            try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
                DeviceSettler settler = new DeviceSettler(
                        reader, parts.quarantine(), parts.options().bucket().toNanos());
                for (String id : head.sortedIds()) {
                    HeadDevice device = head.device(id);
                    if (device != null) {
                        write(device, settler);
                    }
                }
            } finally {
                parts.store().release(snapshot);
            }
            for (Origin origin : settlement.origins()) {
                byte[] key = Keys.settled(Keys.origin(origin), partition.number);
                SettledCounts before = SettledCounts.of(parts.store().get(parts.store().meta, key));
                batch.put(
                        parts.store().meta,
                        key,
                        before.plus(settlement.of(origin)).encode());
            }
            settlement.forEachBucket((bucket, origin, stored) ->
                    Tallies.add(parts.store(), batch, partition.number, bucket, origin, stored));
            if (head.hasRows()) {
                long held = parts.backlog().heldFromWithout(partition, head.firstLogPosition());
                batch.put(parts.store().meta, Keys.REPLAY, Keys.longs(held));
            }
            batch.put(
                    parts.store().meta,
                    Keys.partition(partition.number),
                    Keys.longs(
                            head.endOffset(), firstFragment + fragmentsUsed, partition.flushedDevices() + newDevices));
        }

        private void write(HeadDevice device, DeviceSettler settler) throws RocksDBException {
            byte[] key = Utf8.encode(device.id());
            byte[] known = parts.store().get(parts.store().catalog, key);
            newDevices += known == null ? 1 : 0;
            DeviceRecord record = StoreCatalog.decode(device.id(), known);
            long storedLast = DeviceRecord.lastEventTime(known);
            Mask mask = masks.of(device.id(), () -> Lifecycle.tags(known, device.id(), List.of(device)));
            for (DeviceSettler.Settled settled : settle(device, settler, storedLast, mask)) {
                if (!settled.parts().isEmpty()) {
                    write(device.id(), settled, record);
                }
            }
            device.describe(record);
            batch.put(parts.store().catalog, key, record.encode());
        }

        /** One for each bucket. */
        private Collection<DeviceSettler.Settled> settle(
                HeadDevice device, DeviceSettler settler, long storedLast, Mask mask) throws RocksDBException {
            Map<Long, DeviceSettler.Settled> buckets = new LinkedHashMap<>(2);
            long last = storedLast;
            for (List<RowGroup> portion : device.portions()) {
                for (DeviceSettler.Settled settled : settler.settle(device.id(), portion, last, mask, settlement)) {
                    buckets.merge(settled.bucket(), settled, DeviceSettler.Settled::and);
                    for (List<RowGroup> part : settled.parts()) {
                        last = Math.max(last, RowGroups.lastEvent(part));
                    }
                }
            }
            return buckets.values();
        }

        private void write(String device, DeviceSettler.Settled settled, DeviceRecord record) throws RocksDBException {
            lowBucket = Math.min(lowBucket, settled.bucket());
            highBucket = Math.max(highBucket, settled.bucket());
            byte[] prefix = ChunkKeys.prefix(settled.bucket(), device);
            int fragments = 0;
            int small = 0;
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (List<RowGroup> part : settled.parts()) {
                first = Math.min(first, RowGroups.firstEvent(part));
                last = Math.max(last, RowGroups.lastEvent(part));
                for (List<RowGroup> piece : RowGroups.pieces(part, CHUNK_ROWS)) {
                    byte[] bytes = writer.encode(piece);
                    chunkBytes += bytes.length;
                    batch.put(
                            parts.store().chunk, ChunkKeys.fragment(prefix, (int) (firstFragment + fragments)), bytes);
                    fragments++;
                    small += Chunk.isLarge(bytes) ? 0 : 1;
                }
            }
            Rollups.note(parts, batch, device, settled.bucket(), first, last);
            fragmentsUsed = Math.max(fragmentsUsed, fragments);
            batch.put(parts.store().meta, Keys.cold(prefix), Keys.longs(head.lastCollectorTimeNs()));
            boolean many = record.wrote(settled.bucket(), small, parts.options().foldFragments());
            if (many || settled.overlapped() >= parts.options().foldFragments()) {
                batch.put(parts.store().meta, Keys.fold(prefix), new byte[0]);
            } else if (settled.overlapped() > 0) {
                // The next flush may bring more of them: each time it puts the fold off.
                batch.put(
                        parts.store().meta,
                        Keys.lateFold(prefix),
                        Keys.longs(head.lastCollectorTimeNs() + LATE_FOLD_DELAY_NS));
            }
        }
    }
}
