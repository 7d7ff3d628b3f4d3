package io.tributary.agent.outbox;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** Dead letters in the outbox: bounded by {@code outbox.dead-letters}, the oldest go first. Only prepares writes. */
final class LetterBox {
    private final RocksDatabase rocks;
    private final OutboxCodec codec;
    private final ReadOptions reading;
    private final long maxBytes;

    LetterBox(RocksDatabase rocks, OutboxCodec codec, ReadOptions reading, long maxBytes) {
        this.rocks = rocks;
        this.codec = codec;
        this.reading = reading;
        this.maxBytes = maxBytes;
    }

    /** @return the counters after the letters are put, and old ones dropped for them */
    Counters put(WriteBatch write, Counters from, List<DeadLetter> letters) throws RocksDBException {
        Counters after = from;
        for (DeadLetter letter : letters) {
            byte[] value = codec.letter(after.letterNext(), letter);
            write.put(rocks.letters, OutboxFormat.key(after.letterNext()), value);
            after = after.lettered(value.length);
        }
        return after.letterBytes() <= maxBytes ? after : drop(write, after);
    }

    private Counters drop(WriteBatch write, Counters from) throws RocksDBException {
        Counters after = from;
        try (RocksIterator each = rocks.db.newIterator(rocks.letters, reading)) {
            for (each.seek(OutboxFormat.key(after.letterHead()));
                    each.isValid() && after.letterBytes() > maxBytes;
                    each.next()) {
                write.singleDelete(rocks.letters, each.key());
                after = after.letterDropped(OutboxFormat.number(each.key()) + 1, each.value().length);
            }
            each.status();
        }
        return after;
    }

    /** Oldest first. */
    List<DeadLetter> read(int limit) throws RocksDBException, OutboxException {
        List<DeadLetter> letters = new ArrayList<>();
        try (RocksIterator each = rocks.db.newIterator(rocks.letters, reading)) {
            for (each.seekToFirst(); each.isValid() && letters.size() < limit; each.next()) {
                letters.add(codec.letter(OutboxFormat.number(each.key()), each.value()));
            }
            each.status();
        }
        return letters;
    }
}
