package io.tributary.agent.outbox;

import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The batches of a class by age. Three rows of them are merged, each in its order already:
 *
 * <pre>
 * plain    family batches, by sequence: the default priority, stamped by a clock that is believed
 * classed  family class, by sequence: another priority, or stamped by a clock that is not
 * thinned  family class, by sequence: summaries, which have got sequences behind what they stand for
 * </pre>
 *
 * <p>A summary's place among the others is that of its edge time, the oldest that it stands for. Where either is of a clock
 * that is not believed the summary is the older one, as the oldest are thinned first.
 *
 * <p>Where each row begins is remembered, as what lies before are deleted keys and batches of other rows. That holds as
 * long as nothing is stored with a sequence below one that is there. Guarded by the outbox.
 */
final class OldestFirst {
    private final RocksDatabase rocks;
    private final ReadOptions reading;
    private long plainFrom;
    private final long[] classedFrom = new long[ChannelClass.PRIORITIES];
    private final long[] thinnedFrom = new long[ChannelClass.PRIORITIES];

    OldestFirst(RocksDatabase rocks, ReadOptions reading) {
        this.rocks = rocks;
        this.reading = reading;
    }

    /** Gets batches until it has enough. */
    @FunctionalInterface
    interface Visitor {
        /** @return false when it has enough, and the batch stays */
        boolean takes(OutboxFormat.BatchKey key) throws RocksDBException, OutboxException;
    }

    /**
     * All of a class, for removing them: what the visitor takes is never met again.
     *
     * @param from nothing is below
     */
    void remove(int priority, long from, Visitor visitor) throws RocksDBException, OutboxException {
        try (Rows rows = new Rows(priority, from)) {
            for (Row row = rows.oldest(); row != null; row = rows.oldest()) {
                OutboxFormat.BatchKey key = row.head();
                if (!visitor.takes(key)) {
                    break;
                }
                row.next();
            }
            plainFrom = rows.plain == null ? plainFrom : rows.plain.reached;
            classedFrom[priority] = rows.classed.reached;
            thinnedFrom[priority] = rows.thinned.reached;
        }
    }

    /** Those of a class that are no summaries, from a sequence on. */
    void visitUnthinned(int priority, long from, Visitor visitor) throws RocksDBException, OutboxException {
        try (Rows rows = new Rows(priority, from)) {
            for (Row row = rows.unthinned(); row != null && visitor.takes(row.head()); row = rows.unthinned()) {
                row.next();
            }
        }
    }

    private final class Rows implements AutoCloseable {
        private final @Nullable Row plain;
        private final Row classed;
        private final Row thinned;

        Rows(int priority, long from) throws RocksDBException, OutboxException {
            plain = priority == ChannelClass.DEFAULT_PRIORITY ? new Row(-1, false, Math.max(from, plainFrom)) : null;
            classed = new Row(priority, false, Math.max(from, classedFrom[priority]));
            // Summaries are behind what they stand for, so a run's place says nothing of theirs.
            thinned = new Row(priority, true, thinnedFrom[priority]);
        }

        @Nullable
        Row unthinned() {
            if (plain == null || plain.head == null) {
                return classed.head == null ? null : classed;
            }
            return classed.head != null && classed.head.first() < plain.head.first() ? classed : plain;
        }

        @Nullable
        Row oldest() throws RocksDBException, OutboxException {
            Row other = unthinned();
            if (thinned.head == null || other == null) {
                return thinned.head == null ? other : thinned;
            }
            boolean comparable = !thinned.head.uncertain() && !other.head().uncertain();
            return comparable && thinned.edgeNs() > other.edgeNs() ? other : thinned;
        }

        @Override
        public void close() {
            Stream.of(plain, classed, thinned).forEach(row -> {
                if (row != null) {
                    row.close();
                }
            });
        }
    }

    private final class Row {
        /** -1: those without an entry in the family {@code class}. */
        private final int priority;

        private final boolean summaries;
        private final RocksIterator each;
        private OutboxFormat.@Nullable BatchKey head;
        /** Nothing of this row is below. */
        private long reached;

        private byte @Nullable [] edgeOf;
        private long edgeNs;

        Row(int priority, boolean summaries, long from) throws RocksDBException, OutboxException {
            this.priority = priority;
            this.summaries = summaries;
            this.reached = from;
            each = rocks.db.newIterator(priority < 0 ? rocks.batches : rocks.classes, reading);
            each.seek(priority < 0 ? OutboxFormat.key(from) : OutboxFormat.classKey(priority, from));
            settle();
        }

        OutboxFormat.BatchKey head() {
            if (head == null) {
                throw new IllegalStateException("BUG: the row is empty");
            }
            return head;
        }

        void next() throws RocksDBException, OutboxException {
            each.next();
            settle();
        }

        private void settle() throws RocksDBException, OutboxException {
            if (head != null) {
                reached = head.end();
                head = null;
            }
            for (; each.isValid() && (priority < 0 || each.key()[0] == priority); each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(priority < 0 ? each.key() : each.value());
                if (priority < 0 ? key.isPlain() : key.thinned() == summaries) {
                    head = key;
                    reached = key.first();
                    return;
                }
                reached = key.end();
            }
            each.status();
        }

        /** When the first of the batch was taken. */
        private long edgeNs() throws RocksDBException, OutboxException {
            byte[] key = head().encoded();
            if (!Arrays.equals(key, edgeOf)) {
                byte[] value = priority < 0 ? each.value() : rocks.db.get(rocks.batches, reading, key);
                if (value == null) {
                    throw new OutboxException("batch at sequence " + head().first() + " is gone");
                }
                edgeNs = OutboxFormat.edgeTimeNs(value);
                edgeOf = key;
            }
            return edgeNs;
        }

        void close() {
            each.close();
        }
    }
}
