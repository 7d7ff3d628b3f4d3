package io.tributary.collector.storage;

import io.tributary.collector.log.SegmentedLog;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.column.Utf8;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;

/**
 * What the threads of the engine share.
 *
 * @param publication held by the committer while a group becomes visible, and by whoever needs one moment over several
 *     partitions; taken before any partition's lock
 */
record EngineParts(
        EngineOptions options,
        RocksStore store,
        SegmentedLog log,
        Checkpoint checkpoint,
        Leases leases,
        PartitionRouter router,
        Partition[] partitions,
        OriginBook book,
        DeadLetters deadLetters,
        Quarantine quarantine,
        Backlog backlog,
        StoreMetrics metrics,
        ReentrantLock publication,
        Lifecycle lifecycle,
        DeviceCache cache,
        BoundedCache<DeviceSummary> summaries,
        DeviceDirectory directory) {

    /** Bytes of a column family, on disk and in memory. */
    long size(ColumnFamilyHandle family) {
        leases.acquire();
        try {
            return store.property(family, "rocksdb.total-sst-files-size")
                    + store.property(family, "rocksdb.cur-size-all-mem-tables");
        } finally {
            leases.release();
        }
    }

    /** What does not count of a device; with its partition's flush lock, when heads do not matter. */
    Mask mask(String device) throws RocksDBException {
        byte[] known = store.get(store.catalog, Utf8.encode(device));
        return lifecycle.masks().of(device, () -> Lifecycle.tags(known, device, List.of()));
    }

    Partition partitionOf(String device) {
        return partitions[router.partitionOf(device)];
    }
}
