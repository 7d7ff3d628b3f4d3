package io.tributary.collector.storage;

import java.util.List;
import java.util.OptionalLong;
import org.rocksdb.RocksDBException;

/** Where a cursor gets the fragments of a device from: the database at a snapshot, or the cache. Not thread-safe. */
interface FragmentSource extends AutoCloseable {
    /** The fragments of a device in a bucket, oldest first. */
    List<Fragment> fragments(long bucket, String device) throws RocksDBException;

    /**
     * The nearest bucket at or behind {@code bucket}, in the asked direction, that holds fragments of the device; empty
     * when there is none up to {@code limit}. Buckets without any data cost nothing.
     */
    OptionalLong nearestBucket(String device, long bucket, long limit, boolean ascending) throws RocksDBException;

    @Override
    void close();
}
