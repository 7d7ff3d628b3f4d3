package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** The erasures that still matter, in memory and in the database. Changes are rare; readers take an immutable view. */
final class Erasures {
    /** An order per device of a large fleet; each is looked at once per query when it is a pattern. */
    static final int MAX = 10_000;

    private final RocksStore store;
    // guarded by this
    private final TreeMap<Long, Erasure> all = new TreeMap<>();
    private long nextId = 1;
    private volatile View view = new View(List.of());

    /** The erasures of one moment. */
    static final class View {
        private final List<Erasure> every;
        private final Map<String, List<Erasure>> byDevice = new HashMap<>();
        private final List<Erasure> patterns = new ArrayList<>();
        private final Map<Origin, Long> ends = new HashMap<>();

        View(List<Erasure> every) {
            this.every = every;
            for (Erasure erasure : every) {
                if (erasure.request().patterns()) {
                    patterns.add(erasure);
                } else {
                    byDevice.computeIfAbsent(erasure.request().device(), unused -> new ArrayList<>(1))
                            .add(erasure);
                }
                erasure.ends().forEach((origin, end) -> ends.merge(origin, end, Math::max));
            }
        }

        List<Erasure> every() {
            return every;
        }

        boolean isEmpty() {
            return every.isEmpty();
        }

        /** Erasures of a device. */
        List<Erasure> of(String device) {
            if (every.isEmpty()) {
                return List.of();
            }
            List<Erasure> exact = byDevice.getOrDefault(device, List.of());
            if (patterns.isEmpty()) {
                return exact;
            }
            List<Erasure> found = new ArrayList<>(exact);
            for (Erasure pattern : patterns) {
                if (pattern.coversDevice(device)) {
                    found.add(pattern);
                }
            }
            return found;
        }

        /** Those whose readings may still be in chunks. */
        List<Erasure> pending(String device) {
            List<Erasure> of = of(device);
            if (of.isEmpty()) {
                return of;
            }
            return of.stream().filter(Erasure::isPending).toList();
        }

        /** Nothing of the origin from here on can be kept away by an erasure. */
        long end(Origin origin) {
            return ends.isEmpty() ? 0 : ends.getOrDefault(origin, 0L);
        }
    }

    Erasures(RocksStore store) {
        this.store = store;
    }

    synchronized void load() throws RocksDBException, CorruptColumnException {
        byte[] next = store.get(store.meta, Keys.ERASURE_IDS);
        nextId = next == null ? 1 : Keys.longAt(next, 0);
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = store.iterator(store.meta, options)) {
            for (each.seek(Keys.ERASURES); each.isValid() && Keys.startsWith(each.key(), Keys.ERASURES); each.next()) {
                long id = Keys.erasureId(each.key());
                all.put(id, Erasure.decode(id, each.value()));
            }
            each.status();
        }
        view = new View(List.copyOf(all.values()));
    }

    View view() {
        return view;
    }

    synchronized long nextId() {
        return nextId;
    }

    /** Makes an erasure durable and then visible. */
    synchronized void put(Erasure erasure, WriteBatch batch) throws RocksDBException {
        nextId = Math.max(nextId, erasure.id() + 1);
        batch.put(store.meta, Keys.ERASURE_IDS, Keys.longs(nextId));
        put(erasure, batch, true);
    }

    /** How far an erasure has come: durable together with the chunks that show it. */
    synchronized void move(Erasure erasure, WriteBatch batch) throws RocksDBException {
        put(erasure, batch, false);
    }

    private void put(Erasure erasure, WriteBatch batch, boolean sync) throws RocksDBException {
        batch.put(store.meta, Keys.erasure(erasure.id()), erasure.encode());
        store.write(batch, sync);
        all.put(erasure.id(), erasure);
        view = new View(List.copyOf(all.values()));
    }

    synchronized void forget(long id) throws RocksDBException {
        store.delete(store.meta, Keys.erasure(id));
        all.remove(id);
        view = new View(List.copyOf(all.values()));
    }

    @Nullable
    synchronized Erasure get(long id) {
        return all.get(id);
    }
}
