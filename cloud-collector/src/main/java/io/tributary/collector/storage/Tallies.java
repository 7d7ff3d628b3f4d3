package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * How many stored readings each origin has in each bucket of a partition, so that a bucket can be dropped without being
 * read. Changed with the partition's flush lock, in the write that changes the chunks.
 */
final class Tallies {
    private Tallies() {}

    static void add(RocksStore store, WriteBatch batch, int partition, long bucket, Origin origin, long readings)
            throws RocksDBException {
        byte[] key = Keys.tally(partition, bucket, origin);
        byte[] before = store.get(store.meta, key);
        long after = (before == null ? 0 : Keys.longAt(before, 0)) + readings;
        if (after == 0) {
            batch.delete(store.meta, key);
        } else {
            batch.put(store.meta, key, Keys.longs(after));
        }
    }
}
