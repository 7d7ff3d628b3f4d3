package io.tributary.collector.storage;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Something per device within a budget of bytes. What goes first was not asked for since the cache last looked ("clock"):
 * being asked costs a read and, once per look, a write. Any thread.
 */
final class BoundedCache<V extends BoundedCache.Entry> {
    private final long budgetBytes;
    private final ConcurrentHashMap<String, V> entries = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    /** What is held. */
    abstract static class Entry {
        private volatile boolean touched = true;
        /** Counted when it was put; guarded by the map's own lock of the entry. */
        private long counted;

        /** What it takes in memory; does not change while it is held. */
        abstract long bytes();

        final void touch() {
            if (!touched) {
                touched = true;
            }
        }
    }

    BoundedCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    long bytes() {
        return bytes.get();
    }

    long budgetBytes() {
        return budgetBytes;
    }

    /** Does not count as being asked for: see {@link Entry#touch}. */
    @Nullable
    V get(String device) {
        return entries.get(device);
    }

    void put(String device, V entry) {
        Entry added = entry;
        added.counted = entry.bytes();
        bytes.addAndGet(added.counted);
        Entry old = entries.put(device, entry);
        if (old != null) {
            bytes.addAndGet(-old.counted);
        }
        if (bytes.get() > budgetBytes) {
            evict();
        }
    }

    /** Takes away what was not asked for since the last time, and more if that is not enough. */
    private synchronized void evict() {
        for (int round = 0; round < 2 && bytes.get() > budgetBytes; round++) {
            Iterator<Map.Entry<String, V>> each = entries.entrySet().iterator();
            while (each.hasNext() && bytes.get() > budgetBytes - budgetBytes / 8) {
                Map.Entry<String, V> next = each.next();
                Entry entry = next.getValue();
                if (entry.touched) {
                    entry.touched = false;
                } else if (entries.remove(next.getKey(), next.getValue())) {
                    bytes.addAndGet(-entry.counted);
                }
            }
        }
    }

    /** Devices held, for tests. */
    List<String> ids() {
        return new ArrayList<>(entries.keySet());
    }
}
