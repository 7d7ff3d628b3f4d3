package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.Utf8Order;
import io.tributary.model.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a head by index, in the order in which they came: of each its tags, its last row, how many there are and
 * between which event times. In columns: a million devices cost some 150 bytes each, and the garbage collector nothing.
 * Guarded as their head.
 */
final class HeadDevices {
    private static final int DEVICE_BYTES = 150;
    private static final int TAG_BYTES = 100;
    /** Devices of a list for which it pays to remember where they are. */
    private static final int SHARED_MIN = 16;

    private static final int SHARED_MAX = 2048;

    private final DeviceDirectory directory;
    private final Map<String, Integer> index = new HashMap<>();
    private int size;
    private String[] ids = {};
    private @Nullable Map<String, String>[] tags = newTags(0);
    private int[] tails = {};
    private int[] counts = {};
    private long[] firstEvents = {};
    private long[] lastEvents = {};
    private long bytes;
    private List<Device> lastDevices = List.of();
    /** By number in that list: the index and one; 0 when it was not asked for. */
    private int[] lastIndexes = {};

    HeadDevices(DeviceDirectory directory) {
        this.directory = directory;
    }

    int size() {
        return size;
    }

    /** What they cost. */
    long bytes() {
        return bytes;
    }

    /** -1 when there is no such device. */
    int find(String id) {
        Integer known = index.get(id);
        return known == null ? -1 : known;
    }

    /**
     * Adds the device when it is not there; takes its tags. Batches of a gateway share the list of their devices: what was
     * found for it once is found again.
     */
    int indexOf(List<Device> of, int number) {
        if (of.size() < SHARED_MIN || of.size() > SHARED_MAX) {
            return indexOf(of.get(number));
        }
        if (of != lastDevices) {
            bytes += Integer.BYTES * (of.size() - (long) lastIndexes.length);
            lastIndexes = new int[of.size()];
            lastDevices = of;
        }
        if (lastIndexes[number] == 0) {
            lastIndexes[number] = indexOf(of.get(number)) + 1;
        }
        return lastIndexes[number] - 1;
    }

    private int indexOf(Device device) {
        Integer known = index.get(device.id());
        int at = known == null ? add(device.id()) : known;
        if (!device.tags().isEmpty() && !areSame(device.tags(), tags[at])) {
            tags[at] = device.tags();
            directory.seen(device.id(), device.tags());
            device.tags().forEach((key, value) -> bytes += TAG_BYTES + key.length() + value.length());
        }
        return at;
    }

    /** Both are sorted by name: every row of a batch of many devices asks, and finds nothing new. */
    private static boolean areSame(Map<String, String> told, @Nullable Map<String, String> known) {
        if (told == known) {
            return true;
        }
        if (known == null || known.size() != told.size()) {
            return false;
        }
        Iterator<Map.Entry<String, String>> other = known.entrySet().iterator();
        for (Map.Entry<String, String> tag : told.entrySet()) {
            Map.Entry<String, String> same = other.next();
            if (!tag.getKey().equals(same.getKey()) || !tag.getValue().equals(same.getValue())) {
                return false;
            }
        }
        return true;
    }

    private int add(String id) {
        if (size == ids.length) {
            int capacity = Math.max(4, size + (size >> 1));
            ids = Arrays.copyOf(ids, capacity);
            tags = Arrays.copyOf(tags, capacity);
            tails = Arrays.copyOf(tails, capacity);
            counts = Arrays.copyOf(counts, capacity);
            firstEvents = Arrays.copyOf(firstEvents, capacity);
            lastEvents = Arrays.copyOf(lastEvents, capacity);
        }
        ids[size] = id;
        tails[size] = -1;
        index.put(id, size);
        directory.seen(id, null);
        bytes += DEVICE_BYTES + id.length();
        return size++;
    }

    /**
     * Rows were added.
     *
     * @param tail the last of them, {@code segment << ROW_BITS | row}
     */
    void grew(int device, int tail, int rows, long firstEvent, long lastEvent) {
        boolean none = counts[device] == 0;
        firstEvents[device] = none ? firstEvent : Math.min(firstEvents[device], firstEvent);
        lastEvents[device] = none ? lastEvent : Math.max(lastEvents[device], lastEvent);
        tails[device] = tail;
        counts[device] += rows;
    }

    String id(int device) {
        return ids[device];
    }

    /** Empty when none were told. */
    Map<String, String> tags(int device) {
        Map<String, String> told = tags[device];
        return told == null ? Map.of() : told;
    }

    /** The last row, {@code segment << ROW_BITS | row}; -1 when there is none. */
    int tail(int device) {
        return tails[device];
    }

    int rows(int device) {
        return counts[device];
    }

    long firstEvent(int device) {
        return firstEvents[device];
    }

    long lastEvent(int device) {
        return lastEvents[device];
    }

    String[] sortedIds() {
        String[] sorted = Arrays.copyOf(ids, size);
        Arrays.sort(sorted);
        return sorted;
    }

    /** @param to takes IDs and tags */
    void tell(BiConsumer<String, Map<String, String>> to) {
        for (int device = 0; device < size; device++) {
            to.accept(ids[device], tags(device));
        }
    }

    /**
     * The first IDs behind {@code after} in the order of their UTF-8 bytes; in no order themselves.
     *
     * @param limit at most this many
     */
    List<String> first(Glob match, @Nullable String after, int limit) {
        PriorityQueue<String> smallest = new PriorityQueue<>(Utf8Order.INSTANCE.reversed());
        for (int device = 0; device < size; device++) {
            String id = ids[device];
            if ((after == null || Utf8Order.INSTANCE.compare(id, after) > 0)
                    && (smallest.size() < limit || Utf8Order.INSTANCE.compare(id, smallest.element()) < 0)
                    && match.matches(id)) {
                smallest.add(id);
                if (smallest.size() > limit) {
                    smallest.remove();
                }
            }
        }
        return new ArrayList<>(smallest);
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Map<String, String>[] newTags(int size) {
        return new Map[size];
    }
}
