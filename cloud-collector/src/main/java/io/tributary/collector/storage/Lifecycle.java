package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.column.CorruptColumnException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * What decides how long readings live.
 *
 * @param commits held by the committer during a group, and by an erasure while it looks at everything that was committed;
 *     taken before any partition's flush lock
 */
record Lifecycle(
        LifecycleOptions options,
        Retention retention,
        Erasures erasures,
        LogTail tail,
        long bucketNs,
        ReentrantLock commits) {
    static Lifecycle load(RocksStore store, LifecycleOptions options, long bucketNs)
            throws RocksDBException, CorruptColumnException {
        Erasures erasures = new Erasures(store);
        erasures.load();
        byte[] time = store.get(store.meta, Keys.RETENTION);
        Retention retention = new Retention(options, bucketNs, time == null ? 0 : Keys.longAt(time, 0));
        return new Lifecycle(options, retention, erasures, new LogTail(), bucketNs, new ReentrantLock());
    }

    Masks masks() {
        return new Masks(erasures.view(), retention.horizons(), bucketNs);
    }

    /** The tags that a flush and these heads know of a device. */
    static Map<String, String> tags(byte @Nullable [] stored, String device, List<HeadDevice> heads) {
        DeviceRecord record = StoreCatalog.decode(device, stored);
        heads.forEach(head -> record.tell(head.tags()));
        return record.tags();
    }
}
