package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** What was evicted and the collector has not confirmed yet. */
final class LossBook {
    private final RocksDatabase rocks;
    private final Books books;
    private final ReadOptions reading;

    LossBook(RocksDatabase rocks, Books books, ReadOptions reading) {
        this.rocks = rocks;
        this.books = books;
        this.reading = reading;
    }

    /** As {@link Outbox#losses}; any thread. */
    List<LostRange> read(long own, int limit) throws RocksDBException, OutboxException {
        List<LostRange> losses = new ArrayList<>();
        List<LostRange> rests = new ArrayList<>();
        try (RocksIterator each = rocks.db.newIterator(rocks.lost, reading)) {
            for (each.seekToFirst(); each.isValid() && losses.size() < limit; each.next()) {
                LostRange lost = OutboxFormat.lost(each.key(), each.value());
                LostRange named = lost.epoch() == 0 ? new LostRange(own, lost.range(), lost.cause()) : lost;
                (lost.isRest() ? rests : losses).add(named);
            }
            each.status();
        }
        return losses.isEmpty() ? rests : losses;
    }

    /** As {@link Outbox#forgetLosses}; guarded by the outbox. */
    void forget(long own, long epoch, List<SequenceRange> ranges) throws RocksDBException, OutboxException {
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
                    long of = lost.epoch() == 0 ? own : lost.epoch();
                    if (of == epoch && lost.range().end() <= range.end()) {
                        books.forgetLoss(each.key());
                    }
                }
            }
            each.status();
        }
    }
}
