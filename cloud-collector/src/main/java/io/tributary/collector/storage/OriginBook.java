package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.SequenceSet;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * The ledgers of all origins, in memory and, as of the last {@link Checkpoint}, in the database. An interval of sequences is a key of its own: a delivery in
 * order rewrites one of them, whatever the number of gaps.
 */
final class OriginBook {
    private final RocksStore store;
    /** Published by the committer, under the engine's publication lock. */
    private final ConcurrentSkipListMap<Origin, OriginLedger> ledgers = new ConcurrentSkipListMap<>();
    /** As the database has them, or will have them with the tables that are written next; guarded by this. */
    private final Map<Origin, OriginLedger> written = new HashMap<>();
    /** Those that differ; guarded by this. */
    private final Set<Origin> changed = new HashSet<>();
    /** What callers of {@code received} see: without appends whose callback is still to come. */
    private final ConcurrentHashMap<Origin, OriginLedger> acknowledged = new ConcurrentHashMap<>();

    OriginBook(RocksStore store) {
        this.store = store;
    }

    void load() throws RocksDBException, CorruptColumnException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = store.iterator(store.meta, options)) {
            Loading loading = null;
            for (each.seek(Keys.ORIGINS); each.isValid(); each.next()) {
                Keys.OriginKey key = Keys.originKey(each.key());
                if (key == null) {
                    break;
                }
                if (loading == null || !loading.origin.equals(key.origin())) {
                    finish(loading);
                    loading = new Loading(key.origin());
                }
                loading.take(key, each.value());
            }
            each.status();
            finish(loading);
        }
    }

    private void finish(@Nullable Loading loading) {
        if (loading != null) {
            OriginLedger ledger =
                    OriginLedger.of(loading.arrived, loading.evicted, loading.rejected, loading.redelivered);
            ledgers.put(loading.origin, ledger);
            synchronized (this) {
                written.put(loading.origin, ledger);
            }
            acknowledge(loading.origin, ledger);
        }
    }

    OriginLedger ledger(Origin origin) {
        return ledgers.getOrDefault(origin, OriginLedger.EMPTY);
    }

    OriginLedger acknowledged(Origin origin) {
        return acknowledged.getOrDefault(origin, OriginLedger.EMPTY);
    }

    List<Origin> origins() {
        return List.copyOf(ledgers.keySet());
    }

    void publish(Origin origin, OriginLedger ledger) {
        ledgers.put(origin, ledger);
        synchronized (this) {
            changed.add(origin);
        }
    }

    /** The ledgers that the database does not have, of one moment; with the publication lock. */
    synchronized Map<Origin, OriginLedger> takeChanged() {
        Map<Origin, OriginLedger> taken = new TreeMap<>();
        for (Origin origin : changed) {
            taken.put(origin, ledger(origin));
        }
        changed.clear();
        return taken;
    }

    /** They could not be written. */
    synchronized void giveBack(Map<Origin, OriginLedger> taken) {
        changed.addAll(taken.keySet());
    }

    synchronized void written(Map<Origin, OriginLedger> taken) {
        written.putAll(taken);
    }

    void acknowledge(Origin origin, OriginLedger ledger) {
        acknowledged.put(origin, ledger);
    }

    /** Puts into the batch what turns the stored ledger of an origin into {@code after}. */
    synchronized void write(WriteBatch batch, Origin origin, OriginLedger after) throws RocksDBException {
        OriginLedger before = written.getOrDefault(origin, OriginLedger.EMPTY);
        byte[] prefix = Keys.origin(origin);
        Writer arrived = new Writer(batch, first -> Keys.arrived(prefix, first));
        after.arrived().difference(before.arrived(), arrived);
        arrived.check();
        for (Map.Entry<String, SequenceSet> lost : after.evicted().entrySet()) {
            Writer evicted = new Writer(batch, first -> Keys.evicted(prefix, first, lost.getKey()));
            SequenceSet old = before.evicted().getOrDefault(lost.getKey(), SequenceSet.EMPTY);
            lost.getValue().difference(old, evicted);
            evicted.check();
        }
        if (before == OriginLedger.EMPTY
                || before.redelivered() != after.redelivered()
                || !before.rejected().equals(after.rejected())) {
            batch.put(store.meta, Keys.counts(prefix), encodeCounts(after));
        }
    }

    private static byte[] encodeCounts(OriginLedger ledger) {
        ByteSink out = new ByteSink(32);
        out.writeVarint(ledger.redelivered());
        out.writeVarint(ledger.rejected().size());
        ledger.rejected().forEach((cause, readings) -> {
            byte[] bytes = Utf8.encode(cause);
            out.writeVarint(bytes.length);
            out.writeBytes(bytes);
            out.writeVarint(readings);
        });
        return out.toByteArray();
    }

    /** Carries the database's exception out of a callback. */
    private final class Writer implements SequenceSet.Difference {
        private final WriteBatch batch;
        private final LongFunction<byte[]> key;
        private @Nullable RocksDBException failure;

        Writer(WriteBatch batch, LongFunction<byte[]> key) {
            this.batch = batch;
            this.key = key;
        }

        @Override
        public void put(long first, long end) {
            try {
                batch.put(store.meta, key.apply(first), Keys.longs(end));
            } catch (RocksDBException e) {
                failure = e;
            }
        }

        @Override
        public void remove(long first) {
            try {
                batch.delete(store.meta, key.apply(first));
            } catch (RocksDBException e) {
                failure = e;
            }
        }

        void check() throws RocksDBException {
            if (failure != null) {
                throw failure;
            }
        }
    }

    private static final class Loading {
        private final Origin origin;
        private SequenceSet arrived = SequenceSet.EMPTY;
        private final Map<String, SequenceSet> evicted = new TreeMap<>();
        private final Map<String, Long> rejected = new TreeMap<>();
        private long redelivered;

        Loading(Origin origin) {
            this.origin = origin;
        }

        void take(Keys.OriginKey key, byte[] value) throws CorruptColumnException {
            switch (key.kind()) {
                case 'a' -> arrived = arrived.plus(key.first(), Keys.longAt(value, 0));
                case 'e' ->
                    evicted.merge(
                            key.cause(), SequenceSet.EMPTY.plus(key.first(), Keys.longAt(value, 0)), SequenceSet::plus);
                case 'c' -> {
                    ByteSource in = new ByteSource(value);
                    redelivered = in.readVarint();
                    int causes = in.readCount("causes", in.remaining());
                    for (int i = 0; i < causes; i++) {
                        int length = in.readCount("cause length", in.remaining());
                        String cause = Utf8.decode(value, in.skip(length), length);
                        rejected.put(cause, in.readVarint());
                    }
                }
                default -> {
                    // settled counts are read when they are asked for
                }
            }
        }
    }
}
