package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.seal.KeyRing;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox on RocksDB. Every write carries the counters, so that content and counters agree after any crash; reads begin
 * at the head, so that what was freed costs nothing.
 *
 * <p>Batches are removed by single deletes (each key is written once), which cancel out when the memtable is flushed: a
 * batch that is acknowledged within seconds is written to flash once, in the log. Files that lie wholly below the head
 * are dropped without compaction.
 */
public final class RocksOutbox implements Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(RocksOutbox.class);
    static final byte[] COUNTERS = "counters".getBytes(StandardCharsets.UTF_8);

    static final String CAUSE_FULL = "outbox-full";
    static final String CAUSE_AGE = "max-age";
    static final String CAUSE_THINNED = "thinned";
    static final String CAUSE_DAMAGED = "damaged";

    private final OutboxOptions options;
    private final RocksDatabase rocks;
    private final OutboxCodec codec;
    private final ReadOptions reading = new ReadOptions();
    private final Eviction eviction;
    private final LetterBox letters;
    private final BatchReader reader;
    private final LossBook losses;

    // Guarded by this.
    private final Books books;
    private final Room room;
    private boolean closed;

    private RocksOutbox(OutboxOptions options, KeyRing keys, RocksDatabase rocks, Counters counters) {
        this.options = options;
        this.rocks = rocks;
        this.codec = new OutboxCodec(keys);
        this.books = new Books(rocks, counters);
        this.eviction = new Eviction(rocks, codec, reading, options);
        this.letters =
                new LetterBox(rocks, codec, reading, options.deadLetters().bytes());
        this.reader = new BatchReader(rocks, codec, reading);
        this.losses = new LossBook(rocks, books, reading);
        this.room = new Room(options, rocks, books, eviction);
    }

    /** As {@link #open(OutboxOptions, KeyRing, Clock)} with the keys that the options name. */
    public static RocksOutbox open(OutboxOptions options, Clock clock) throws IOException {
        return open(options, KeyRing.load(options.encryption()), clock);
    }

    /** @throws IOException when the directory cannot be used, or a key is missing; the message says what to do */
    static RocksOutbox open(OutboxOptions options, KeyRing keys, Clock clock) throws IOException {
        Path path = options.path();
        boolean unfinished = Salvage.unfinished(path) != null;
        if (!unfinished) {
            Salvage.quarantineForeign(path, clock);
        }
        String missing = unfinished ? "a salvage was broken off" : RocksFiles.missing(path);
        if (missing != null) {
            Salvage.run(options, keys, clock, missing);
        }
        try {
            return openWhole(options, keys, clock);
        } catch (DamagedOutboxException e) {
            LOG.debug("outbox {} is damaged", path, e);
            Salvage.run(options, keys, clock, String.valueOf(e.getMessage()));
            return openWhole(options, keys, clock);
        }
    }

    private static RocksOutbox openWhole(OutboxOptions options, KeyRing keys, Clock clock) throws IOException {
        TableGuard guard = TableGuard.take(options.path());
        RocksDatabase rocks = null;
        boolean opened = false;
        try {
            rocks = RocksDatabase.open(options);
            byte[] stored = rocks.db.get(rocks.meta, COUNTERS);
            Counters counters;
            if (stored == null) {
                counters = Counters.fresh(EpochFile.next(options.path(), clock));
                try (WriteOptions sync = new WriteOptions().setSync(true)) {
                    rocks.db.put(rocks.meta, sync, COUNTERS, counters.encode());
                }
            } else {
                counters = Counters.decode(stored);
            }
            guard.check(rocks, counters);
            KeyLedger.check(rocks, counters, keys, options.path().toString());
            guard.release();
            opened = true;
            return new RocksOutbox(options, keys, rocks, counters);
        } catch (RocksDBException e) {
            if (RocksDatabase.isDamage(e)) {
                throw new DamagedOutboxException(String.valueOf(e.getMessage()), e);
            }
            throw new IOException("outbox " + options.path() + " cannot be read: " + e.getMessage(), e);
        } catch (OutboxException e) {
            throw new DamagedOutboxException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!opened) {
                if (rocks != null) {
                    rocks.close();
                }
                guard.putBack();
            }
        }
    }

    @Override
    public synchronized long epoch() {
        return books.counters().epoch();
    }

    @Override
    public synchronized long evictedReadings() {
        return books.counters().evicted();
    }

    @Override
    public OutboxStats stats() {
        Counters now;
        synchronized (this) {
            now = books.counters();
        }
        OutboxRecord oldest = null;
        if (now.batches() > 0) {
            try {
                List<OutboxRecord> first = read(now.head(), Long.MAX_VALUE, 1);
                oldest = first.isEmpty() ? null : first.get(0);
            } catch (OutboxException e) {
                LOG.warn("the oldest batch cannot be read: {}", e.getMessage());
            }
        }
        return new OutboxStats(
                now.epoch(),
                now.next(),
                oldest == null ? now.next() : oldest.firstSequence(),
                now.readings(),
                now.bytes(),
                now.batches(),
                oldest == null ? 0 : oldest.batch().oldestEventTimeNs(),
                oldest == null ? 0 : oldest.batch().edgeTimeNs(),
                now.evictions(),
                now.letterNext() - now.letterHead(),
                diskBytes());
    }

    // ---- write ----

    @Override
    public synchronized void append(List<EncodedBatch> batches, List<DeadLetter> dead, boolean sync)
            throws OutboxException, OutboxFullException {
        long incoming = 0;
        for (EncodedBatch batch : batches) {
            incoming += batch.bytes().length;
        }
        boolean done = false;
        try {
            if (incoming > 0) {
                room.make(incoming);
            }
            WriteBatch write = books.begin();
            try {
                Counters after = books.counters();
                for (EncodedBatch batch : batches) {
                    eviction.put(write, after.next(), batch);
                    after = after.appended(batch);
                }
                books.write(letters.put(write, after, dead), sync);
                done = true;
            } finally {
                if (!done) {
                    books.rollBack();
                }
            }
        } catch (RocksDBException e) {
            throw failed("written", e);
        }
    }

    @Override
    public void sync() throws OutboxException {
        long written;
        synchronized (this) {
            written = books.counters().next();
        }
        try {
            rocks.db.syncWal();
        } catch (RocksDBException e) {
            throw failed("synced", e);
        }
        synchronized (this) {
            books.syncedUpTo(written);
        }
    }

    /** @throws OutboxException always: it has to be salvaged and opened anew, see {@link ReopeningOutbox} */
    @Override
    public void renewEpoch(String why) throws OutboxException {
        throw new OutboxException(why, true);
    }

    @Override
    public synchronized void evictBefore(long edgeTimeNs) throws OutboxException {
        try {
            room.evictOlder(edgeTimeNs);
        } catch (RocksDBException e) {
            throw failed("written", e);
        }
    }

    @Override
    public synchronized void free(long epoch, List<SequenceRange> ranges) throws OutboxException {
        if (epoch != books.counters().epoch()) {
            return;
        }
        Counters after = books.counters();
        long from = after.head();
        List<Long> freed = new ArrayList<>();
        boolean done = false;
        try {
            WriteBatch write = books.begin();
            try (RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
                for (SequenceRange range : ranges) {
                    for (each.seek(OutboxFormat.key(Math.max(range.first(), from))); each.isValid(); each.next()) {
                        OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.key());
                        if (key.end() > range.end()) {
                            break;
                        }
                        from = key.end(); // the iterator does not see what is removed with this write
                        if (!books.waiting().contains(key.first())) {
                            eviction.remove(write, key);
                            after = after.removed(key);
                            freed.add(key.first());
                        }
                    }
                    each.status();
                }
                if (!freed.isEmpty()) {
                    after = after.withHead(headAfter(after, ranges));
                    room.freed(after);
                    books.defer(freed, after);
                    done = true;
                }
            } finally {
                if (!done) {
                    books.rollBack();
                }
            }
            if (books.isFull()) {
                books.writeWaiting();
            }
            room.giveBackFiles();
        } catch (RocksDBException e) {
            throw failed("written", e);
        }
    }

    /** Moves the head over ranges that begin at it; {@code next} when nothing is left. */
    private static long headAfter(Counters after, List<SequenceRange> ranges) {
        if (after.batches() == 0) {
            return after.next();
        }
        long head = after.head();
        for (SequenceRange range : ranges) {
            if (range.first() <= head && range.end() > head) {
                head = Math.min(range.end(), after.next());
            }
        }
        return head;
    }

    // ---- read ----

    @Override
    public List<OutboxRecord> read(long fromSequence, long beforeSequence, long bytesMax) throws OutboxException {
        BatchReader.View view = view();
        try {
            return reader.read(view, fromSequence, beforeSequence, bytesMax);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    @Override
    public List<OutboxRecord> readClass(int priority, long fromSequence, long bytesMax) throws OutboxException {
        BatchReader.View view = view();
        try {
            return reader.readClass(view, priority, fromSequence, bytesMax);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    private synchronized BatchReader.View view() {
        Counters now = books.counters();
        return new BatchReader.View(now.epoch(), now.head(), books.syncedNext(), books.waiting());
    }

    @Override
    public List<LostRange> losses(int limit) throws OutboxException {
        long own = epoch();
        try {
            return losses.read(own, limit);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    @Override
    public synchronized void forgetLosses(long epoch, List<SequenceRange> ranges) throws OutboxException {
        try {
            losses.forget(books.counters().epoch(), epoch, ranges);
        } catch (RocksDBException e) {
            throw failed("written", e);
        }
    }

    @Override
    public List<DeadLetter> deadLetters(int limit) throws OutboxException {
        try {
            return letters.read(limit);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    /** Of all files, the log included; -1 when they cannot be looked at. */
    private long diskBytes() {
        try {
            return DiskUse.bytes(options.path(), true);
        } catch (IOException e) {
            LOG.debug("outbox {} cannot be measured", options.path(), e);
            return -1;
        }
    }

    /** For a consistent copy of the directory: no file is deleted from here on. */
    void keepFiles() {
        try {
            rocks.db.disableFileDeletions();
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private OutboxException failed(String what, RocksDBException cause) {
        @Nullable String message = cause.getMessage();
        return new OutboxException(
                "outbox " + options.path() + " cannot be " + what + ": " + (message == null ? cause : message),
                cause,
                RocksDatabase.isDamage(cause));
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            books.writeWaiting();
            rocks.db.syncWal();
        } catch (RocksDBException e) {
            LOG.warn("the last frees are not synced and will be sent again: {}", e.getMessage());
        }
        books.close();
        reading.close();
        rocks.close();
    }

    static {
        RocksDB.loadLibrary();
    }
}
