package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceName;
import io.tributary.collector.catalog.DeviceNames;
import io.tributary.collector.catalog.Utf8Order;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * IDs and tags of all devices in memory, as long as they are not too many: a query over all of them would otherwise read
 * the catalog each time. Loaded when it is first asked for; heads tell of devices that they have not held before. After a
 * write that may have taken devices away it is loaded anew. Any thread.
 */
final class DeviceDirectory {
    /** Some 30 MB with IDs and tags of usual length. */
    private static final int DEVICES_MAX = 100_000;

    private static final Comparator<DeviceName> BY_ID = Comparator.comparing(DeviceName::id, Utf8Order.INSTANCE);

    private volatile @Nullable Names current;
    private volatile @Nullable Names loading;

    /** A head holds a device that it did not hold before, or other tags of it. */
    void seen(String id, @Nullable Map<String, String> tags) {
        Names one = current;
        if (one != null) {
            one.tell(id, tags == null ? Map.of() : tags);
        }
        Names other = loading;
        if (other != null) {
            other.tell(id, tags == null ? Map.of() : tags);
        }
    }

    /** Null when there are too many devices. */
    @Nullable
    DeviceNames names(EngineParts parts) throws RocksDBException {
        Names names = current;
        if (names == null || names.removals != parts.store().removals()) {
            names = load(parts);
        }
        return names.tooMany ? null : names;
    }

    /** Whether {@link #names} has them without reading. */
    boolean isHeld(EngineParts parts) {
        Names names = current;
        return names != null
                && !names.tooMany
                && names.removals == parts.store().removals();
    }

    private synchronized Names load(EngineParts parts) throws RocksDBException {
        Names before = current;
        long removals = parts.store().removals();
        if (before != null && (before.removals == removals || before.tooMany)) {
            return before;
        }
        Names names = new Names(removals);
        loading = names;
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().catalog, options)) {
            for (each.seekToFirst(); each.isValid() && !names.tooMany; each.next()) {
                String id = new String(each.key(), StandardCharsets.UTF_8);
                // What a head has told meanwhile is younger.
                if (names.find(id) == null) {
                    names.tell(id, StoreCatalog.decode(id, each.value()).tags());
                }
            }
            each.status();
            for (Partition partition : parts.partitions()) {
                synchronized (partition) {
                    Head flushing = partition.flushing();
                    if (flushing != null) {
                        flushing.tellDevices(names::tell);
                    }
                    partition.active().tellDevices(names::tell);
                }
            }
            current = names;
        } finally {
            loading = null;
        }
        return names;
    }

    /** What is known since a load. */
    private static final class Names implements DeviceNames {
        private final long removals;
        private final ConcurrentHashMap<String, DeviceName> known = new ConcurrentHashMap<>();
        /** Tags repeat from device to device. */
        private final ConcurrentHashMap<Map<String, String>, Map<String, String>> tagSets = new ConcurrentHashMap<>();

        private final AtomicLong version = new AtomicLong();
        private volatile boolean tooMany;
        private volatile Sorted sorted = new Sorted(-1, List.of());

        /** @param version that the names had before they were sorted */
        private record Sorted(long version, List<DeviceName> names) {}

        Names(long removals) {
            this.removals = removals;
        }

        void tell(String id, Map<String, String> tags) {
            DeviceName before = known.get(id);
            if (tooMany || before != null && (tags.isEmpty() || tags.equals(before.tags()))) {
                return;
            }
            if (before == null && known.size() >= DEVICES_MAX) {
                tooMany = true;
                known.clear();
                tagSets.clear();
                sorted = new Sorted(-1, List.of());
                return;
            }
            known.put(id, new DeviceName(id, tagSets.computeIfAbsent(tags, Map::copyOf)));
            version.incrementAndGet();
        }

        @Override
        public @Nullable DeviceName find(String id) {
            return known.get(id);
        }

        @Override
        public List<DeviceName> sorted() {
            Sorted held = sorted;
            long now = version.get();
            if (held.version == now) {
                return held.names;
            }
            List<DeviceName> fresh = new ArrayList<>(known.values());
            fresh.sort(BY_ID);
            sorted = new Sorted(now, Collections.unmodifiableList(fresh));
            return fresh;
        }
    }
}
