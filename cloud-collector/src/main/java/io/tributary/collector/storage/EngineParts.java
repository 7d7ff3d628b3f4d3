package io.tributary.collector.storage;

import io.tributary.collector.partition.PartitionRouter;
import java.util.concurrent.locks.ReentrantLock;

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
        ReentrantLock publication) {

    Partition partitionOf(String device) {
        return partitions[router.partitionOf(device)];
    }
}
