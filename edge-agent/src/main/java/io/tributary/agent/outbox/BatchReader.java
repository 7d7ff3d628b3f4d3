package io.tributary.agent.outbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Reads batches in sequence order, or those of one class. Needs no lock: what it may show was fixed in a view before. */
final class BatchReader {
    private final RocksDatabase rocks;
    private final OutboxCodec codec;
    private final ReadOptions reading;

    /**
     * What was there at a moment.
     *
     * @param head nothing begins below
     * @param syncedNext nothing from here on is known to be fsynced
     * @param gone first sequences of batches that are freed, though the database still has them
     */
    record View(long epoch, long head, long syncedNext, Set<Long> gone) {}

    BatchReader(RocksDatabase rocks, OutboxCodec codec, ReadOptions reading) {
        this.rocks = rocks;
        this.codec = codec;
        this.reading = reading;
    }

    /** As {@link Outbox#read}. */
    List<OutboxRecord> read(View view, long fromSequence, long beforeSequence, long bytesMax)
            throws RocksDBException, OutboxException {
        long end = Math.min(beforeSequence, view.syncedNext());
        List<OutboxRecord> records = new ArrayList<>();
        long bytes = 0;
        try (RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            for (each.seek(OutboxFormat.key(Math.max(view.head(), fromSequence))); each.isValid(); each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.key());
                if (key.first() >= end || (bytes + key.bytes() > bytesMax && !records.isEmpty())) {
                    break;
                }
                if (!view.gone().contains(key.first())) {
                    bytes += key.bytes();
                    records.add(codec.record(each.key(), each.value()).inEpoch(view.epoch()));
                }
            }
            each.status();
        }
        return records;
    }

    /** As {@link Outbox#readClass}. */
    List<OutboxRecord> readClass(View view, int priority, long fromSequence, long bytesMax)
            throws RocksDBException, OutboxException {
        List<OutboxRecord> records = new ArrayList<>();
        long bytes = 0;
        try (RocksIterator each = rocks.db.newIterator(rocks.classes, reading)) {
            for (each.seek(OutboxFormat.classKey(priority, fromSequence));
                    each.isValid() && each.key()[0] == priority;
                    each.next()) {
                OutboxFormat.BatchKey key = OutboxFormat.batchKey(each.value());
                if (key.first() >= view.syncedNext() || (bytes + key.bytes() > bytesMax && !records.isEmpty())) {
                    break;
                }
                byte[] value = rocks.db.get(rocks.batches, reading, key.encoded());
                // Without a value it was evicted a moment ago.
                if (value != null && !view.gone().contains(key.first())) {
                    bytes += key.bytes();
                    records.add(codec.record(key.encoded(), value).inEpoch(view.epoch()));
                }
            }
            each.status();
        }
        return records;
    }
}
