package io.tributary.collector.storage;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.DeviceNames;
import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.Utf8Order;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog: what flushes wrote, and what heads hold beyond that. Nothing of it is kept in memory, so that a million
 * devices cost none.
 */
final class StoreCatalog implements CatalogReader {
    private static final Logger LOG = LoggerFactory.getLogger(StoreCatalog.class);
    /** Devices of heads looked at in one go when devices are listed. */
    private static final int PAGE = 1024;

    private final EngineParts parts;

    StoreCatalog(EngineParts parts) {
        this.parts = parts;
    }

    /** The record of a flush; one that is damaged begins anew. */
    static DeviceRecord decode(String device, byte @Nullable [] bytes) {
        try {
            return DeviceRecord.decode(bytes);
        } catch (CorruptColumnException e) {
            LOG.error("catalog record of device {} is damaged and begins anew: {}", device, e.getMessage());
            return new DeviceRecord();
        }
    }

    /** What is known of a device at a moment; without channels when it is unknown. */
    static DeviceRecord record(EngineParts parts, ReadMoment moment, String id) throws RocksDBException {
        DeviceRecord record = decode(id, moment.record(id));
        moment.heads().forEach(head -> head.describe(record));
        return record;
    }

    @Override
    public @Nullable DeviceDetail device(String id) {
        try (ReadMoment moment = ReadMoment.of(parts, id)) {
            DeviceDetail detail = record(parts, moment, id).detail(id);
            return detail.channels().isEmpty() ? null : detail;
        } catch (RocksDBException e) {
            throw new StorageException("catalog record of device " + id + " cannot be read", e);
        }
    }

    @Override
    public @Nullable DeviceNames names() {
        parts.leases().acquire();
        try {
            return parts.directory().names(parts);
        } catch (RocksDBException e) {
            parts.store().met(e);
            throw new StorageException("the catalog cannot be read", e);
        } finally {
            parts.leases().release();
        }
    }

    @Override
    public long deviceCount() {
        long count = 0;
        for (Partition partition : parts.partitions()) {
            count += partition.devices();
        }
        return count;
    }

    @Override
    public List<DeviceEntry> devices(Glob match, Map<String, String> tags, int limit, @Nullable String after) {
        parts.leases().acquire();
        try {
            Listing listing = new Listing(match, tags, limit, after);
            while (!listing.isComplete()) {
                listing.next();
            }
            return listing.found;
        } catch (RocksDBException e) {
            parts.store().met(e);
            throw new StorageException("the catalog cannot be read", e);
        } finally {
            parts.leases().release();
        }
    }

    /** Merges the stored catalog with the heads' devices, a page of those at a time. */
    private final class Listing {
        private final Glob match;
        private final Map<String, String> tags;
        private final int limit;
        private final List<DeviceEntry> found = new ArrayList<>();
        private @Nullable String after;
        private boolean ended;

        Listing(Glob match, Map<String, String> tags, int limit, @Nullable String after) {
            this.match = match;
            this.tags = tags;
            this.limit = limit;
            this.after = after;
        }

        boolean isComplete() {
            return ended || found.size() >= limit;
        }

        void next() throws RocksDBException {
            TreeMap<String, List<HeadDevice>> held = page();
            String bound = null;
            if (held.size() >= PAGE) {
                while (held.size() > PAGE) {
                    held.pollLastEntry();
                }
                bound = held.lastKey();
            }
            // Heads first, then the snapshot: what was flushed in between is in both rather than in none.
            Snapshot snapshot = parts.store().snapshot();
            try (ReadOptions options = new ReadOptions().setSnapshot(snapshot);
                    RocksIterator each = parts.store().iterator(parts.store().catalog, options)) {
                merge(held, each, bound);
                each.status();
            } finally {
                parts.store().release(snapshot);
            }
            after = bound;
            ended = bound == null;
        }

        private TreeMap<String, List<HeadDevice>> page() {
            TreeMap<String, List<HeadDevice>> held = new TreeMap<>(Utf8Order.INSTANCE);
            for (Partition partition : parts.partitions()) {
                synchronized (partition) {
                    Head flushing = partition.flushing();
                    List<HeadDevice> devices = new ArrayList<>();
                    if (flushing != null) {
                        devices.addAll(flushing.first(match, after, PAGE));
                    }
                    devices.addAll(partition.active().first(match, after, PAGE));
                    for (HeadDevice device : devices) {
                        held.computeIfAbsent(device.id(), unused -> new ArrayList<>(1))
                                .add(device);
                    }
                }
            }
            return held;
        }

        /** Goes through stored and held devices in order, up to {@code bound}. */
        private void merge(TreeMap<String, List<HeadDevice>> held, RocksIterator stored, @Nullable String bound) {
            String from =
                    after == null || Utf8Order.INSTANCE.compare(after, match.prefix()) < 0 ? match.prefix() : after;
            stored.seek(Utf8.encode(from));
            while (found.size() < limit) {
                String id = stored.isValid() ? new String(stored.key(), StandardCharsets.UTF_8) : null;
                if (id != null
                        && (!id.startsWith(match.prefix())
                                || (bound != null && Utf8Order.INSTANCE.compare(id, bound) > 0))) {
                    id = null;
                }
                String first = held.isEmpty() ? null : held.firstKey();
                if (id == null && first == null) {
                    return;
                }
                boolean isStored = id != null && (first == null || Utf8Order.INSTANCE.compare(id, first) <= 0);
                String next = isStored || first == null ? String.valueOf(id) : first;
                byte[] value = isStored ? stored.value() : null;
                List<HeadDevice> heads = held.remove(next);
                if (isStored) {
                    stored.next();
                }
                if (!next.equals(after) && match.matches(next)) {
                    add(next, value, heads == null ? List.of() : heads);
                }
            }
        }

        private void add(String id, byte @Nullable [] value, List<HeadDevice> heads) {
            DeviceRecord record = decode(id, value);
            DeviceEntry entry = record.entry(id);
            long first = entry.firstEventTimeNs();
            long last = entry.lastEventTimeNs();
            for (HeadDevice head : heads) {
                record.tell(head.tags());
                first = Math.min(first, head.firstEventTimeNs());
                last = Math.max(last, head.lastEventTimeNs());
            }
            if (record.tags().entrySet().containsAll(tags.entrySet())) {
                found.add(new DeviceEntry(id, record.tags(), first, last));
            }
        }
    }
}
