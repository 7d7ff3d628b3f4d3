package io.tributary.agent.outbox;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The counters of the outbox, and the only way to write: every write carries the counters after it, so that content and
 * counters agree after any crash. Guarded by the outbox.
 *
 * <p>What is freed need not survive a crash, as the collector knows it: it waits here for the next write, instead of being a
 * page of flash of its own. Iterators still meet it until then, see {@link #waiting}.
 *
 * <pre>
 * free --begin, defer--> [ deletes that wait ] --begin, put, write--> one record of the log
 * </pre>
 */
final class Books implements AutoCloseable {
    /** Some 100 KiB of deletes, and no more to send again after a crash. */
    private static final int WAITING_MAX = 4096;

    private final RocksDatabase rocks;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final WriteOptions written = new WriteOptions();
    /** Deletes that wait, and while something is written that, too. */
    private WriteBatch open = new WriteBatch();
    /** First sequences of batches whose deletes wait; another set after every write. */
    private Set<Long> waiting = ConcurrentHashMap.newKeySet();

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

    /** First sequences of batches that are freed, and that an iterator made now still meets. Grows, does not shrink. */
    Set<Long> waiting() {
        return waiting;
    }

    /** Begins a change: {@link #write} or {@link #defer} ends it, {@link #rollBack} when that was not reached. */
    WriteBatch begin() throws RocksDBException {
        open.setSavePoint();
        return open;
    }

    void rollBack() {
        try {
            open.rollbackToSavePoint();
        } catch (RocksDBException e) {
            throw new IllegalStateException("BUG: a change that was not begun is taken back", e);
        }
    }

    /**
     * The change is done with a later write.
     *
     * @param freed first sequences of the batches that it removes
     */
    void defer(List<Long> freed, Counters after) throws RocksDBException {
        open.popSavePoint();
        waiting.addAll(freed);
        counters = after;
    }

    boolean isFull() {
        return waiting.size() >= WAITING_MAX;
    }

    /** What waits is written, without a sync. */
    void writeWaiting() throws RocksDBException {
        if (!waiting.isEmpty()) {
            begin();
            try {
                write(counters, false);
            } catch (RocksDBException e) {
                rollBack();
                throw e;
            }
        }
    }

    /**
     * Writes what was begun, and what waits, or nothing.
     *
     * @param sync whether it is fsynced on return
     */
    void write(Counters after, boolean sync) throws RocksDBException {
        open.put(rocks.meta, RocksOutbox.COUNTERS, after.encode());
        // An eviction is told to the collector: sequences that it took must not be given out again.
        boolean durably = sync || (after.evicted() > counters.evicted() && counters.next() > syncedNext);
        rocks.db.write(durably ? synced : written, open);
        counters = after;
        if (durably) {
            syncedNext = after.next();
        }
        waiting = ConcurrentHashMap.newKeySet();
        open.close(); // and the memory of a large group with it
        open = new WriteBatch();
    }

    /** A loss that the collector knows; what comes again after a crash is told again. */
    void forgetLoss(byte[] key) throws RocksDBException {
        rocks.db.delete(rocks.lost, written, key);
    }

    @Override
    public void close() {
        open.close();
        synced.close();
        written.close();
    }
}
