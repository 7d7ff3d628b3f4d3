package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Brings what follows from the log into the database, so that a start need not read the log from there on, and whole
 * files of it may go.
 *
 * <pre>
 * log          ... dropped | start ... replayed from here | ... | end
 * database                         min(ledgers, heads)
 *   ledgers    accounts, dead letters and the clock are those of the log up to here   (key 'L')
 *   heads      everything before is in chunks, of every partition                     (key 'R')
 * </pre>
 *
 * Both are written without the database's own log: after a crash the database is as it was when its tables were written
 * last, all of them at once, and the log makes the rest again. Any thread.
 */
final class Checkpoint {
    private final RocksStore store;
    private final OriginBook book;
    private final DeadLetters deadLetters;
    private final Backlog backlog;
    private final ReentrantLock publication;
    private final EngineOptions options;

    // guarded by the publication lock
    private LogPosition published;
    private long publishedTimeNs;

    // guarded by this
    private final List<DeadLetters.Letter> letters = new ArrayList<>();
    private volatile long durable;

    /** @param durable from where on a start would read the log now */
    Checkpoint(
            RocksStore store,
            OriginBook book,
            DeadLetters deadLetters,
            Backlog backlog,
            ReentrantLock publication,
            EngineOptions options,
            LogPosition published,
            long durable) {
        this.store = store;
        this.book = book;
        this.deadLetters = deadLetters;
        this.backlog = backlog;
        this.publication = publication;
        this.options = options;
        this.published = published;
        this.durable = durable;
    }

    /** Ledgers in memory are those of the log up to here; with the publication lock. */
    void published(LogPosition end, long collectorTimeNs) {
        published = end;
        publishedTimeNs = collectorTimeNs;
    }

    /** Up to where readers see the log. */
    LogPosition published() {
        publication.lock();
        try {
            return published;
        } finally {
            publication.unlock();
        }
    }

    /** Letters of records that are published; they are written at once, or with the next checkpoint. */
    void write(List<DeadLetters.Letter> more) throws RocksDBException {
        synchronized (this) {
            letters.addAll(more);
        }
        writeLedgers();
    }

    /** Writes ledgers, letters and clock of one moment; survives when the tables are written. */
    synchronized LogPosition writeLedgers() throws RocksDBException {
        Map<Origin, OriginLedger> changed;
        LogPosition end;
        long time;
        publication.lock();
        try {
            changed = book.takeChanged();
            end = published;
            time = publishedTimeNs;
        } finally {
            publication.unlock();
        }
        boolean done = false;
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<Origin, OriginLedger> each : changed.entrySet()) {
                book.write(batch, each.getKey(), each.getValue());
            }
            List<DeadLetters.Staged> staged = new ArrayList<>(letters.size());
            for (DeadLetters.Letter letter : letters) {
                staged.add(deadLetters.stage(batch, letter));
            }
            batch.put(store.meta, Keys.LEDGERS, Keys.longs(end.position(), end.number()));
            batch.put(store.meta, Keys.CLOCK, Keys.longs(time));
            store.writeAside(batch, false);
            done = true;
            book.written(changed);
            letters.clear();
            deadLetters.written(staged);
            return end;
        } finally {
            if (!done) {
                book.giveBack(changed);
            }
        }
    }

    /** Whether a start would have to read much more of the log than heads hold back. */
    boolean isDue() {
        return backlog.heldFrom() - durable > options.recoveryLogBytes() / 2;
    }

    /** Makes everything written so far durable. */
    synchronized void run() throws RocksDBException {
        long from = Math.min(backlog.heldFrom(), writeLedgers().position());
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(store.meta, Keys.REPLAY, Keys.longs(from));
            store.writeAside(batch, false);
        }
        store.flushTables();
        durable = from;
    }

    /** From where on a start would read the log. */
    long durable() {
        return durable;
    }

    /** What of the log is kept: never so little that it would have to be flushed for that. */
    long keptLogBytes() {
        return Math.max(options.logBytes(), 2 * options.recoveryLogBytes());
    }
}
