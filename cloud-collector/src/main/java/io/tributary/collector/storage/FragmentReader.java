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
 * thread-safe; a table that cannot be read is passed over, and named. To be closed before its snapshot is released.
 */
final class FragmentReader implements FragmentSource {
    /** Fragments of a device in a bucket with a damaged table that are looked for. */
    private static final int TRIED_MAX = 10_000;

    private final RocksStore store;
    private final Quarantine quarantine;
    private final ReadOptions options;
    private final RocksIterator iterator;

    FragmentReader(RocksStore store, Quarantine quarantine, Snapshot snapshot, boolean fillCache) {
        this.store = store;
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
            add(key, iterator.value(), fragments);
        }
        if (!iterator.isValid()) {
            try {
                iterator.status();
            } catch (RocksDBException e) {
                if (store.damagedRange(e) == null) {
                    throw e;
                }
                return oneByOne(prefix, device);
            }
        }
        return fragments;
    }

    private void add(byte[] key, byte[] value, List<Fragment> to) {
        try {
            to.add(new Fragment(key, Chunk.open(value)));
        } catch (CorruptColumnException e) {
            quarantine.report(key, String.valueOf(e.getMessage()));
        }
    }

    /** A table is damaged: what lies in its other blocks, and in other tables, is found by its key. */
    private List<Fragment> oneByOne(byte[] prefix, String device) throws RocksDBException {
        List<Fragment> fragments = new ArrayList<>();
        long end = store.nextFragment(device);
        for (long number = Math.max(0, end - TRIED_MAX); number < end; number++) {
            byte[] key = ChunkKeys.fragment(prefix, (int) number);
            try {
                byte[] value = store.get(store.chunk, options, key);
                if (value != null) {
                    add(key, value, fragments);
                }
            } catch (RocksDBException e) {
                if (!DamagedFiles.isDamage(e)) {
                    throw e;
                }
            }
        }
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
                OptionalLong damaged = damagedBucket(at, ascending);
                if (damaged.isEmpty()) {
                    break;
                }
                at = damaged.getAsLong();
                return (ascending ? at <= limit : at >= limit) ? damaged : OptionalLong.empty();
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

    /** The iterator has ended: empty when there is nothing more; a bucket that may hold fragments when it met damage. */
    private OptionalLong damagedBucket(long at, boolean ascending) throws RocksDBException {
        try {
            iterator.status();
            return OptionalLong.empty();
        } catch (RocksDBException e) {
            byte[][] range = store.damagedRange(e);
            if (range == null) {
                throw e;
            }
            return OptionalLong.of(
                    ascending ? Math.max(at, ChunkKeys.bucket(range[0])) : Math.min(at, ChunkKeys.bucket(range[1])));
        }
    }

    @Override
    public void close() {
        iterator.close();
        options.close();
    }
}
