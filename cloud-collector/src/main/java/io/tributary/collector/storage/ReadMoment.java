package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * One moment of a device: a snapshot of the database, and what its heads hold beyond that. A head that was flushed between
 * its capture and the snapshot is known by the offset that the snapshot tells, and left out.
 */
record ReadMoment(EngineParts parts, Snapshot snapshot, List<HeadDevice> heads, Mask mask)
        implements AutoCloseable, EngineCursor.Owner {
    /** The caller closes it. */
    static ReadMoment of(EngineParts parts, String device) {
        parts.leases().acquire();
        Masks masks = parts.lifecycle().masks();
        Partition partition = parts.partitionOf(device);
        List<HeadDevice> heads = new ArrayList<>(2);
        Snapshot snapshot;
        HeadDevice flushing = null;
        long flushingEnd = 0;
        synchronized (partition) {
            Head head = partition.flushing();
            if (head != null) {
                flushing = head.device(device);
                flushingEnd = head.endOffset();
            }
            HeadDevice active = partition.active().device(device);
            if (active != null) {
                heads.add(active);
            }
            snapshot = parts.store().snapshot();
        }
        try {
            if (flushing != null && flushedOffset(parts, partition, snapshot) < flushingEnd) {
                heads.add(0, flushing);
            }
            return new ReadMoment(parts, snapshot, heads, masks.of(device, () -> tags(parts, device, heads)));
        } catch (RocksDBException | RuntimeException e) {
            parts.store().release(snapshot);
            parts.leases().release();
            throw new StorageException("partition " + partition.number + " cannot be read", e);
        }
    }

    private static Map<String, String> tags(EngineParts parts, String device, List<HeadDevice> heads) {
        try {
            return Lifecycle.tags(parts.store().get(parts.store().catalog, Utf8.encode(device)), device, heads);
        } catch (RocksDBException e) {
            throw new StorageException("catalog record of device " + device + " cannot be read", e);
        }
    }

    /** Up to where the log of a partition was in chunks when the snapshot was taken. */
    static long flushedOffset(EngineParts parts, Partition partition, Snapshot snapshot) throws RocksDBException {
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
            byte[] state = parts.store().get(parts.store().meta, options, Keys.partition(partition.number));
            return state == null ? 0 : Keys.longAt(state, 0);
        }
    }

    @Override
    public void close() {
        parts.store().release(snapshot);
        parts.leases().release();
    }
}
