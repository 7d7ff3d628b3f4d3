package io.tributary.collector.storage;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * One moment of a device: a snapshot of the database, and what its heads hold beyond that. A head that was flushed between
 * its capture and the snapshot is known by the offset that the snapshot tells, and left out.
 */
record ReadMoment(EngineParts parts, Snapshot snapshot, List<HeadDevice> heads)
        implements AutoCloseable, EngineCursor.Owner {
    /** The caller closes it. */
    static ReadMoment of(EngineParts parts, String device) {
        parts.leases().acquire();
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
        ReadMoment moment = new ReadMoment(parts, snapshot, heads);
        try {
            if (flushing != null && flushedOffset(parts, partition, snapshot) < flushingEnd) {
                heads.add(0, flushing);
            }
            return moment;
        } catch (RocksDBException e) {
            moment.close();
            throw new StorageException("partition " + partition.number + " cannot be read", e);
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
