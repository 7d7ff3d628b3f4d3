package io.tributary.agent.outbox;

import io.tributary.agent.clock.ClockStamp;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what goes when there is no room: class by class from the lowest priority, oldest first. Only prepares writes;
 * {@link RocksOutbox} makes them, one at a time, as what an earlier one removed must not be met again.
 *
 * <p>Batches of other than the default priority, and thinned ones, have an entry in the family {@code class}, so that
 * the oldest of a class is found without walking over the others.
 */
final class Eviction {
    private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);
    /** Of encoded batches thinned together: some 100,000 readings, which take 10 MiB while they are thinned. */
    private static final int RUN_BYTES = 128 << 10;

    private static final int RUN_READINGS = 64 << 10;
    private static final int RUN_BATCHES = 8192;

    private final RocksDatabase rocks;
    private final OutboxCodec codec;
    private final ReadOptions reading;
    private final Thinner thinner;
    /** Per priority: nothing below is left to thin. */
    private final long[] thinnedTo = new long[ChannelClass.PRIORITIES];
    /** Per priority: below this sequence there cannot be enough for another run. */
    private final long[] nextRunAt = new long[ChannelClass.PRIORITIES];

    private final OldestFirst oldestFirst;

    Eviction(RocksDatabase rocks, OutboxCodec codec, ReadOptions reading, OutboxOptions options) {
        this.rocks = rocks;
        this.codec = codec;
        this.reading = reading;
        this.oldestFirst = new OldestFirst(rocks, reading);
        this.thinner = new Thinner(options.thinInterval().toNanos());
    }

    /** Removes the oldest of a class until only {@code bytesLeft} are queued, or it has none. */
    Counters drop(WriteBatch write, Counters from, int priority, long bytesLeft)
            throws RocksDBException, OutboxException {
        Counters[] after = {from};
        Losses losses = new Losses(write, RocksOutbox.CAUSE_FULL);
        oldestFirst.remove(priority, from.head(), key -> {
            if (after[0].bytes() <= bytesLeft) {
                return false;
            }
            remove(write, key);
            after[0] = after[0].evicted(key, RocksOutbox.CAUSE_FULL);
            losses.add(key);
            return true;
        });
        losses.end();
        return after[0];
    }

    /**
     * Replaces the oldest run of a class that thinning makes smaller by its summaries, at the end of the outbox and with
     * sequences of their own: the collector may have some of the run already, under its sequences.
     *
     * <p>What is less than a run is left until more has come: one by one, batches are too small to be worth it, and would be
     * passed over for ever.
     *
     * @return null when nothing of the class is left to thin
     */
    @Nullable
    Counters thin(WriteBatch write, Counters from, int priority) throws RocksDBException, OutboxException {
        while (from.next() >= nextRunAt[priority]) {
            Run run = new Run();
            oldestFirst.visitUnthinned(priority, Math.max(from.head(), thinnedTo[priority]), run);
            if (!run.isWhole()) {
                nextRunAt[priority] = from.next() + run.missing() / 2 + 1;
                return null;
            }
            thinnedTo[priority] = run.end();
            EncodedBatch summary = summary(run, priority);
            // A quarter less has to be worth the write.
            if (summary != null && summary.bytes().length < run.bytes / 4 * 3) {
                return replace(write, from, run.keys, summary);
            }
        }
        return null;
    }

    private Counters replace(WriteBatch write, Counters from, List<OutboxFormat.BatchKey> run, EncodedBatch summary)
            throws RocksDBException {
        Counters after = from;
        Losses losses = new Losses(write, RocksOutbox.CAUSE_THINNED);
        for (OutboxFormat.BatchKey key : run) {
            remove(write, key);
            after = after.evicted(key, RocksOutbox.CAUSE_THINNED);
            losses.add(key);
        }
        losses.end();
        put(write, after.next(), summary);
        return after.appended(summary);
    }

    private byte[] value(OutboxFormat.BatchKey key) throws RocksDBException, OutboxException {
        byte[] value = rocks.db.get(rocks.batches, reading, key.encoded());
        if (value == null) {
            throw new OutboxException("batch at sequence " + key.first() + " is gone");
        }
        return value;
    }

    private @Nullable EncodedBatch summary(Run run, int priority) throws RocksDBException, OutboxException {
        List<Batch> batches = new ArrayList<>();
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        long edge = Long.MAX_VALUE;
        for (OutboxFormat.BatchKey key : run.keys) {
            EncodedBatch batch = codec.record(key.encoded(), value(key)).batch();
            oldest = Math.min(oldest, batch.oldestEventTimeNs());
            newest = Math.max(newest, batch.newestEventTimeNs());
            edge = Math.min(edge, batch.edgeTimeNs());
            try {
                batches.add(BatchCodec.decode(batch.bytes(), BatchLimits.DEFAULT));
            } catch (InvalidBatchException e) {
                LOG.debug("batch at sequence {} cannot be thinned", key.first(), e);
                return null;
            }
        }
        Batch thinned = thinner.thin(batches);
        if (thinned == null) {
            return null;
        }
        int readings = (int) thinned.readingCount();
        return new EncodedBatch(readings, oldest, newest, edge, BatchCodec.encode(thinned), priority, true, run.stamp);
    }

    /** Removes what was taken before; every class, as far as nothing younger lies before it. */
    Counters older(WriteBatch write, Counters from, long edgeTimeNs) throws RocksDBException, OutboxException {
        Counters after = from;
        Losses losses = new Losses(write, RocksOutbox.CAUSE_AGE);
        boolean passed = false;
        try (RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            for (each.seek(OutboxFormat.key(after.head())); each.isValid(); each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.key());
                if (key.uncertain()) {
                    passed = true; // how old it is nobody knows
                    continue;
                }
                if (OutboxFormat.edgeTimeNs(each.value()) >= edgeTimeNs) {
                    break;
                }
                remove(write, key);
                after = after.evicted(key, RocksOutbox.CAUSE_AGE);
                after = passed ? after : after.withHead(key.end());
                losses.add(key);
            }
            each.status();
        }
        losses.end();
        return after;
    }

    void put(WriteBatch write, long first, EncodedBatch batch) throws RocksDBException {
        byte[] key = OutboxFormat.key(first, batch);
        write.put(rocks.batches, key, codec.value(key, batch));
        if (key.length > OutboxFormat.KEY_BYTES) {
            write.put(rocks.classes, OutboxFormat.classKey(batch.priority(), first), key);
        }
    }

    void remove(WriteBatch write, OutboxFormat.BatchKey key) throws RocksDBException {
        write.singleDelete(rocks.batches, key.encoded());
        if (!key.isPlain()) {
            write.singleDelete(rocks.classes, OutboxFormat.classKey(key.priority(), key.first()));
        }
    }

    /** Where the oldest batch begins; what was freed or dropped out of order lies between it and the head. */
    Counters settleHead(Counters from) throws RocksDBException, OutboxException {
        try (RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            each.seek(OutboxFormat.key(from.head()));
            each.status();
            return from.withHead(
                    each.isValid() ? OutboxFormat.batchKey(each.key()).first() : from.next());
        }
    }

    /** Batches that are thinned together: enough of them, of one clock, so that one correction is right for all. */
    private final class Run implements OldestFirst.Visitor {
        private final List<OutboxFormat.BatchKey> keys = new ArrayList<>();
        private @Nullable ClockStamp stamp;
        private boolean otherClockFollows;
        private long bytes;
        private long readings;

        @Override
        public boolean takes(OutboxFormat.BatchKey key) throws RocksDBException, OutboxException {
            ClockStamp of = key.uncertain() ? OutboxFormat.stamp(key, value(key)) : null;
            if (keys.isEmpty()) {
                stamp = of;
            } else if (!ClockStamp.isSameClock(stamp, of)) {
                otherClockFollows = true;
                return false;
            }
            keys.add(key);
            bytes += key.bytes();
            readings += key.readings();
            return !isWhole();
        }

        /** False while more of it may come. */
        boolean isWhole() {
            return otherClockFollows || share() >= 1;
        }

        private double share() {
            return Math.max(
                    Math.max((double) bytes / RUN_BYTES, (double) readings / RUN_READINGS),
                    (double) keys.size() / RUN_BATCHES);
        }

        /** How many readings more there have to be, if they come as those that are there. */
        long missing() {
            return keys.isEmpty() ? 0 : (long) (readings * (1 / share() - 1));
        }

        long end() {
            return keys.get(keys.size() - 1).end();
        }
    }

    /** Joins ranges that follow each other into one record. */
    private final class Losses {
        private final WriteBatch write;
        private final String cause;
        private long first = -1;
        private long end = -1;

        Losses(WriteBatch write, String cause) {
            this.write = write;
            this.cause = cause;
        }

        void add(OutboxFormat.BatchKey key) throws RocksDBException {
            if (key.first() != end) {
                end();
                first = key.first();
            }
            end = key.end();
        }

        void end() throws RocksDBException {
            if (first >= 0) {
                LostRange lost = new LostRange(SequenceRange.between(first, end), cause);
                write.put(rocks.lost, OutboxFormat.lostKey(lost), OutboxFormat.lost(lost));
            }
        }
    }
}
