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
        try (WriteBatch write = new WriteBatch()) {
            if (incoming > 0) {
                room.make(incoming);
            }
            Counters after = books.counters();
            for (EncodedBatch batch : batches) {
                eviction.put(write, after.next(), batch);
                after = after.appended(batch);
            }
            books.write(write, letters.put(write, after, dead), sync);
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
        try (WriteBatch write = new WriteBatch();
                RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            for (SequenceRange range : ranges) {
                for (each.seek(OutboxFormat.key(Math.max(range.first(), from))); each.isValid(); each.next()) {
                    OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.key());
                    if (key.end() > range.end()) {
                        break;
                    }
                    eviction.remove(write, key);
                    after = after.removed(key);
                    from = key.end(); // the iterator does not see what is removed with this write
                }
                each.status();
            }
            if (after.batches() == books.counters().batches()) {
                return;
            }
            room.removed(write, after.withHead(headAfter(after, ranges)));
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
        long head;
        long end;
        long own;
        synchronized (this) {
            own = books.counters().epoch();
            head = books.counters().head();
            end = Math.min(beforeSequence, books.syncedNext());
        }
        List<OutboxRecord> records = new ArrayList<>();
        long bytes = 0;
        try (RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            for (each.seek(OutboxFormat.key(Math.max(head, fromSequence))); each.isValid(); each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.key());
                if (key.first() >= end || (bytes + key.bytes() > bytesMax && !records.isEmpty())) {
                    break;
                }
                bytes += key.bytes();
                records.add(codec.record(each.key(), each.value()).inEpoch(own));
            }
            each.status();
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        return records;
    }

    @Override
    public List<OutboxRecord> readClass(int priority, long fromSequence, long bytesMax) throws OutboxException {
        long end;
        long own;
        synchronized (this) {
            own = books.counters().epoch();
            end = books.syncedNext();
        }
        List<OutboxRecord> records = new ArrayList<>();
        long bytes = 0;
        try (RocksIterator each = rocks.db.newIterator(rocks.classes, reading)) {
            for (each.seek(OutboxFormat.classKey(priority, fromSequence));
                    each.isValid() && each.key()[0] == priority;
                    each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.value());
                if (key.first() >= end || (bytes + key.bytes() > bytesMax && !records.isEmpty())) {
                    break;
                }
                byte[] value = rocks.db.get(rocks.batches, reading, key.encoded());
                if (value != null) { // else it was evicted a moment ago
                    bytes += key.bytes();
                    records.add(codec.record(key.encoded(), value).inEpoch(own));
                }
            }
            each.status();
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        return records;
    }

    @Override
    public List<LostRange> losses(int limit) throws OutboxException {
        List<LostRange> losses = new ArrayList<>();
        List<LostRange> rests = new ArrayList<>();
        long own = epoch();
        try (RocksIterator each = rocks.db.newIterator(rocks.lost, reading)) {
            for (each.seekToFirst(); each.isValid() && losses.size() < limit; each.next()) {
                LostRange lost = OutboxFormat.lost(each.key(), each.value());
                LostRange named = lost.epoch() == 0 ? new LostRange(own, lost.range(), lost.cause()) : lost;
                (lost.isRest() ? rests : losses).add(named);
            }
            each.status();
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        return losses.isEmpty() ? rests : losses;
    }

    @Override
    public synchronized void forgetLosses(long epoch, List<SequenceRange> ranges) throws OutboxException {
        try (RocksIterator each = rocks.db.newIterator(rocks.lost, reading)) {
            each.seekToFirst();
            if (!each.isValid()) {
                return;
            }
            for (SequenceRange range : ranges) {
                for (each.seek(OutboxFormat.key(range.first())); each.isValid(); each.next()) {
                    LostRange lost = OutboxFormat.lost(each.key(), each.value());
                    if (lost.range().first() >= range.end()) {
                        break;
                    }
                    long of = lost.epoch() == 0 ? books.counters().epoch() : lost.epoch();
                    if (of == epoch && lost.range().end() <= range.end()) {
                        books.forgetLoss(each.key());
                    }
                }
            }
            each.status();
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
