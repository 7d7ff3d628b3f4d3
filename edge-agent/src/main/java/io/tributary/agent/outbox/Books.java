package io.tributary.agent.outbox;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The counters of the outbox, and the only way to write: every write carries the counters after it, so that content and
 * counters agree after any crash. Guarded by the outbox.
 */
final class Books implements AutoCloseable {
    private final RocksDatabase rocks;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final WriteOptions written = new WriteOptions();
    private Counters counters;
    /** Nothing from here on is known to be fsynced. */
    private long syncedNext;

    Books(RocksDatabase rocks, Counters counters) {
        this.rocks = rocks;
        this.counters = counters;
        // What RocksDB recovers from its log it writes to tables, synced, before it opens.
        this.syncedNext = counters.next();
    }

    Counters counters() {
        return counters;
    }

    long syncedNext() {
        return syncedNext;
    }

    /** What was written before {@code next} is fsynced. */
    void syncedUpTo(long next) {
        syncedNext = Math.max(syncedNext, next);
    }

    /** Corrects what was believed; goes to disk with the next write. */
    void settle(Counters corrected) {
        counters = corrected;
    }

    /** @param sync whether it is fsynced on return */
    void write(WriteBatch write, Counters after, boolean sync) throws RocksDBException {
        write.put(rocks.meta, RocksOutbox.COUNTERS, after.encode());
        // An eviction is told to the collector: sequences that it took must not be given out again.
        boolean durably = sync || (after.evicted() > counters.evicted() && counters.next() > syncedNext);
        rocks.db.write(durably ? synced : written, write);
        counters = after;
        if (durably) {
            syncedNext = after.next();
        }
    }

    /** A loss that the collector knows; what comes again after a crash is told again. */
    void forgetLoss(byte[] key) throws RocksDBException {
        rocks.db.delete(rocks.lost, written, key);
    }

    @Override
    public void close() {
        synced.close();
        written.close();
    }
}
