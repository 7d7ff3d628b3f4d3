package io.tributary.agent.outbox;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all files below {@code outbox.max-bytes}: before a write it frees as much as that needs, or refuses it, as
 * {@code outbox.when-full} says. Guarded by the outbox.
 */
final class Room {
    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    private final OutboxOptions options;
    private final RocksDatabase rocks;
    private final Books books;
    private final Eviction eviction;
    private final DiskUse disk;
    private final long batchBudget;
    /** How much is freed before whole files are looked for; a few of them. */
    private final long dropFilesAfterBytes;

    private long freedBytes;

    Room(OutboxOptions options, RocksDatabase rocks, Books books, Eviction eviction) {
        this.options = options;
        this.rocks = rocks;
        this.books = books;
        this.eviction = eviction;
        this.disk = new DiskUse(options);
        this.batchBudget = DiskUse.batchBudget(options);
        this.dropFilesAfterBytes = Math.min(
                32 << 20, 4 * DiskUse.targetFileBytes(options.maxBytes().bytes()));
    }

    /** On return so many bytes may be written without going above {@code outbox.max-bytes}. */
    void make(long incoming) throws OutboxException, OutboxFullException, RocksDBException {
        if (incoming > batchBudget) {
            throw full(incoming);
        }
        if (books.counters().bytes() + incoming > batchBudget) {
            evict(incoming, batchBudget - incoming);
        }
        if (onDisk(incoming)) {
            return;
        }
        giveBack();
        if (!onDisk(incoming)) {
            evict(incoming, books.counters().bytes() - Math.max(2 * incoming, batchBudget / 16));
            giveBack();
            if (!onDisk(incoming)) {
                throw full(incoming);
            }
        }
    }

    private boolean onDisk(long incoming) throws OutboxException {
        try {
            return disk.hasRoomFor(incoming);
        } catch (IOException e) {
            throw new OutboxException("outbox " + options.path() + " cannot be measured: " + e, e);
        }
    }

    private OutboxFullException full(long incoming) {
        return new OutboxFullException(books.counters().bytes() + " bytes are queued, " + incoming
                + " more do not fit in outbox.max-bytes " + options.maxBytes());
    }

    /** Until at most {@code bytesLeft} are queued. */
    private void evict(long incoming, long bytesLeft) throws OutboxException, OutboxFullException, RocksDBException {
        if (options.whenFull() == WhenFull.REFUSE) {
            throw full(incoming);
        }
        books.writeWaiting(); // nothing is to be met that is gone
        books.settle(eviction.settleHead(books.counters()));
        for (int priority = 0;
                priority < ChannelClass.PRIORITIES && books.counters().bytes() > bytesLeft;
                priority++) {
            while (options.whenFull() == WhenFull.THIN && books.counters().bytes() > bytesLeft) {
                int each = priority;
                if (!change(write -> eviction.thin(write, books.counters(), each))) {
                    break;
                }
            }
            int each = priority;
            change(write -> eviction.drop(write, books.counters(), each, bytesLeft));
        }
        books.settle(eviction.settleHead(books.counters()));
        giveBackFiles();
    }

    /** Those taken before. */
    void evictOlder(long edgeTimeNs) throws OutboxException, RocksDBException {
        books.writeWaiting();
        books.settle(eviction.settleHead(books.counters()));
        if (change(write -> eviction.older(write, books.counters(), edgeTimeNs))) {
            giveBackFiles();
        }
    }

    /** Prepares what removes batches; null, or counters with as many batches: nothing is to be done. */
    private interface Removal {
        @Nullable
        Counters prepare(WriteBatch write) throws RocksDBException, OutboxException;
    }

    private boolean change(Removal removal) throws OutboxException, RocksDBException {
        boolean done = false;
        try {
            Counters after = removal.prepare(books.begin());
            if (after != null && after.evicted() != books.counters().evicted()) {
                freed(after);
                books.write(after, false);
                done = true;
            }
            return done;
        } finally {
            if (!done) {
                books.rollBack();
            }
        }
    }

    /** How much is to be given back counts what goes from here to there. */
    void freed(Counters after) {
        freedBytes += Math.max(0, books.counters().bytes() - after.bytes());
    }

    /** Gives freed space back to the file system: whole files first, and by compaction when that is not enough. */
    private void giveBack() throws RocksDBException {
        dropFiles();
        disk.forget();
        long tables = tableBytes();
        if (DiskUse.targetFileBytes(options.maxBytes().bytes())
                        + books.counters().bytes()
                        + batchBudget / 8
                < tables) {
            rocks.db.compactRange(rocks.batches);
            disk.forget();
        }
    }

    /** -1 when RocksDB does not tell. */
    private long tableBytes() {
        try {
            return rocks.db.getAggregatedLongProperty("rocksdb.total-sst-files-size");
        } catch (RocksDBException e) {
            LOG.debug("RocksDB does not tell the size of its tables", e);
            return -1;
        }
    }

    /** Files that lie wholly below the head, once enough was freed. */
    void giveBackFiles() throws RocksDBException {
        if (freedBytes >= dropFilesAfterBytes) {
            dropFiles();
        }
    }

    private void dropFiles() throws RocksDBException {
        freedBytes = 0;
        books.writeWaiting();
        // Files vanish at once, while what says that they are not needed may still be unsynced.
        rocks.db.syncWal();
        rocks.db.deleteFilesInRanges(
                rocks.batches,
                List.of(OutboxFormat.key(0L), OutboxFormat.key(books.counters().head())),
                false);
    }
}
