package io.tributary.collector.storage;

import io.tributary.collector.chunk.Chunk;
import io.tributary.column.CorruptColumnException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;

/**
 * Reads the fragments of devices at one moment. A chunk whose header is damaged is reported and left out. Not
 * thread-safe; to be closed before its snapshot is released.
 */
final class FragmentReader implements FragmentSource {
    private final Quarantine quarantine;
    private final ReadOptions options;
    private final RocksIterator iterator;

    FragmentReader(RocksStore store, Quarantine quarantine, Snapshot snapshot, boolean fillCache) {
        this.quarantine = quarantine;
        this.options = new ReadOptions().setSnapshot(snapshot).setFillCache(fillCache);
        this.iterator = store.iterator(store.chunk, options);
    }

    @Override
    public List<Fragment> fragments(long bucket, String device) throws RocksDBException {
        byte[] prefix = ChunkKeys.prefix(bucket, device);
        List<Fragment> fragments = new ArrayList<>(2);
        for (iterator.seek(prefix); iterator.isValid(); iterator.next()) {
            byte[] key = iterator.key();
            if (!ChunkKeys.isUnder(prefix, key)) {
                break;
            }
            try {
                fragments.add(new Fragment(key, Chunk.open(iterator.value())));
            } catch (CorruptColumnException e) {
                quarantine.report(key, String.valueOf(e.getMessage()));
            }
        }
        iterator.status();
        return fragments;
    }

    @Override
    public OptionalLong nearestBucket(String device, long bucket, long limit, boolean ascending)
            throws RocksDBException {
        long at = bucket;
        while (ascending ? at <= limit : at >= limit) {
            byte[] prefix = ChunkKeys.prefix(at, device);
            if (ascending) {
                iterator.seek(prefix);
            } else {
                iterator.seekForPrev(ChunkKeys.last(prefix));
            }
            if (!iterator.isValid()) {
                iterator.status();
                break;
            }
            byte[] key = iterator.key();
            if (ChunkKeys.isUnder(prefix, key)) {
                return OptionalLong.of(at);
            }
            long found = ChunkKeys.bucket(key);
            if (found == at) { // another device, whose place is behind this one's
                found += ascending ? 1 : -1;
            }
            at = found;
        }
        return OptionalLong.empty();
    }

    @Override
    public void close() {
        iterator.close();
        options.close();
    }
}
