package io.tributary.collector.storage;

import io.tributary.collector.partition.PartitionRouter;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.ColumnFamilyHandle;

/**
 * What the threads of the engine share.
 *
 * @param publication held by the committer while a group becomes visible, and by whoever needs one moment over several
 *     partitions; taken before any partition's lock
 */
record EngineParts(
        EngineOptions options,
        RocksStore store,
        Leases leases,
        PartitionRouter router,
        Partition[] partitions,
        OriginBook book,
        DeadLetters deadLetters,
        Quarantine quarantine,
        Backlog backlog,
        StoreMetrics metrics,
        ReentrantLock publication) {

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

    Partition partitionOf(String device) {
        return partitions[router.partitionOf(device)];
    }
}
