package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.Utf8Order;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Rows;
import io.tributary.collector.partition.TableRuns;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest rows of a partition, appended only: who wins over whom is decided when they are read or flushed.
 *
 * <pre>
 * devices   id -> last row, rows, first and last event time, tags
 * segments  rows of one layout each; a row points at the row of its device before it. A delivery of one device is a
 *           segment of its own, encoded as it came
 * appends   origin and collector time
 * </pre>
 *
 * A million devices with a row each cost some 150 bytes a device and 32 a row beside the values. Guarded by its
 * partition; what {@link #device} and {@link #all} return may be read without.
 */
final class Head {
    private static final int FIRST_SEGMENT_ROWS = 8;
    /** Runs of fewer rows of a device share segments with others: an encoded run costs some 600 bytes beside its rows. */
    private static final int RUN_ROWS_MIN = 16;
    /** Of one device: what a flush may have to decode at a time. 16 MiB, and the copies that merging makes. */
    private static final long DEVICE_CELLS_MAX = 1 << 21;

    private static final int DEVICE_BYTES = 150;
    private static final int APPEND_BYTES = 12;
    private static final int LAYOUT_BYTES = 200;

    /** The head holds what its partition has of the log from here on. */
    final long firstOffset;

    private final DeviceDirectory directory;
    private long endOffset;
    private long firstCollectorTimeNs;
    private long firstLogPosition;
    private boolean due;
    private long bytes;
    private long rows;
    private long readings;

    private final Map<String, Integer> deviceIndex = new HashMap<>();
    private int devices;
    private String[] ids = {};
    private @Nullable Map<String, String>[] tags = newTags(0);
    private int[] tails = {};
    private int[] counts = {};
    private long[] firstEvents = {};
    private long[] lastEvents = {};

    private final Map<Channel, Integer> channelIndex = new HashMap<>();
    private final List<Channel> channels = new ArrayList<>();
    private final Map<HeadLayout.Key, HeadLayout> layouts = new HashMap<>();
    private HeadRows[] segments = {};
    private int segmentCount;

    private Origin[] origins = {};
    private long[] collectorTimes = {};
    private int appends;

    Head(long firstOffset, DeviceDirectory directory) {
        this.directory = directory;
        this.firstOffset = firstOffset;
        this.endOffset = firstOffset;
    }

    boolean isEmpty() {
        return endOffset == firstOffset;
    }

    boolean hasRows() {
        return appends > 0;
    }

    long endOffset() {
        return endOffset;
    }

    long bytes() {
        return bytes;
    }

    long readings() {
        return readings;
    }

    /** Meaningless while empty. */
    long firstCollectorTimeNs() {
        return firstCollectorTimeNs;
    }

    long lastCollectorTimeNs() {
        return appends == 0 ? 0 : collectorTimes[appends - 1];
    }

    /** Where its first record lies in the log; meaningless while empty. */
    long firstLogPosition() {
        return firstLogPosition;
    }

    /** To be flushed soon, whatever its size. */
    boolean isDue() {
        return due;
    }

    void setDue() {
        due = true;
    }

    /** Chunks lie in the order of IDs. */
    String[] sortedIds() {
        String[] sorted = Arrays.copyOf(ids, devices);
        Arrays.sort(sorted);
        return sorted;
    }

    private void skip(long offset) {
        endOffset = offset + 1;
    }

    /**
     * Takes rows of a log record.
     *
     * @param runs per table which; null for all
     */
    void append(
            long offset,
            long logPosition,
            Origin origin,
            long collectorTimeNs,
            Rows batchRows,
            TableRuns @Nullable [] runs) {
        if (!hasRows()) {
            firstCollectorTimeNs = collectorTimeNs;
            firstLogPosition = logPosition;
        }
        skip(offset);
        int append = addAppend(origin, collectorTimeNs);
        Batch batch = batchRows.batch();
        int[] channelMap = new int[batch.channels().size()];
        Arrays.fill(channelMap, -1);
        for (int i = 0; i < batch.tables().size(); i++) {
            if (runs == null || runs[i].from() < runs[i].to()) {
                Table table = batch.tables().get(i);
                for (int channel : table.channels()) {
                    if (channelMap[channel] < 0) {
                        channelMap[channel] = indexOf(batch.channels().get(channel));
                    }
                }
                appendTable(batch, table, batchRows.sequences()[i], channelMap, append, runs == null ? null : runs[i]);
            }
        }
    }

    private void appendTable(
            Batch batch, Table table, long[] sequences, int[] channelMap, int append, @Nullable TableRuns runs) {
        int width = table.columns().length;
        boolean dense = true;
        for (Column column : table.columns()) {
            dense &= column.presence() == null;
        }
        int[] all = new int[width];
        for (int i = 0; i < width; i++) {
            all[i] = channelMap[table.channels()[i]];
        }
        HeadLayout layout = dense && width > 0 ? layout(all, width) : null;
        int[] runDevice = table.runDevice();
        if (layout != null
                && runDevice.length == 1
                && table.rows() >= RUN_ROWS_MIN
                && appendRun(layout, indexOf(batch.devices().get(runDevice[0])), table, sequences, append)) {
            return;
        }
        RowAppend rows = new RowAppend(table, sequences, all, layout, append);
        if (runs == null) {
            int row = 0;
            for (int run = 0; run < runDevice.length; run++) {
                int end = row + table.runLength()[run];
                rows.append(indexOf(batch.devices().get(runDevice[run])), row, end);
                row = end;
            }
            return;
        }
        for (int i = runs.from(); i < runs.to(); i++) {
            int run = runs.order()[i];
            int row = runs.starts()[run];
            rows.goTo(row, runs.values() == null ? null : runs.values()[run]);
            rows.append(indexOf(batch.devices().get(runDevice[run])), row, row + table.runLength()[run]);
        }
    }

    /** Appends rows of a table one by one. */
    private final class RowAppend {
        private final Table table;
        private final long[] sequences;
        private final int[] channelIndexes;
        /** Of every row; null when rows differ. */
        private final @Nullable HeadLayout layout;

        private final int append;
        /** Index of each column's next value. */
        private final int[] next;

        private final int[] present;
        private final int[] presentChannels;

        RowAppend(Table table, long[] sequences, int[] channelIndexes, @Nullable HeadLayout layout, int append) {
            this.table = table;
            this.sequences = sequences;
            this.channelIndexes = channelIndexes;
            this.layout = layout;
            this.append = append;
            this.next = new int[channelIndexes.length];
            this.present = new int[channelIndexes.length];
            this.presentChannels = new int[channelIndexes.length];
        }

        /** @param values per column the index of its first value from {@code row} on; null when that is the row */
        void goTo(int row, int @Nullable [] values) {
            if (values == null) {
                Arrays.fill(next, row);
            } else {
                System.arraycopy(values, 0, next, 0, next.length);
            }
        }

        void append(int device, int from, int to) {
            for (int row = from; row < to; row++) {
                int size = 0;
                for (int i = 0; i < next.length; i++) {
                    if (layout != null || table.columns()[i].isPresent(row)) {
                        presentChannels[size] = channelIndexes[i];
                        present[size++] = i;
                    }
                }
                if (size > 0) {
                    HeadLayout of = layout != null ? layout : layout(presentChannels, size);
                    appendRow(of, device, table, row, sequences[row], append, present, next);
                }
            }
        }
    }

    private void appendRow(
            HeadLayout layout, int device, Table table, int row, long sequence, int append, int[] present, int[] next) {
        HeadSegment segment = openSegment(layout);
        long event = table.eventTimes()[row];
        int at = segment.add(event, table.edgeTimes()[row], sequence, append, tails[device]);
        for (int i = 0; i < layout.width(); i++) {
            bytes += segment.set(at, i, table.columns()[present[i]], next[present[i]]++);
        }
        tails[device] = layout.openIndex << HeadRows.ROW_BITS | at;
        firstEvents[device] = counts[device] == 0 ? event : Math.min(firstEvents[device], event);
        lastEvents[device] = counts[device] == 0 ? event : Math.max(lastEvents[device], event);
        counts[device]++;
        rows++;
        readings += layout.width();
    }

    /** Takes a table of one device as it came; false when it is not such a table. */
    private boolean appendRun(HeadLayout layout, int device, Table table, long[] sequences, int append) {
        EncodedRun run = EncodedRun.of(layout, table, sequences, append, tails[device]);
        if (run == null) {
            return false;
        }
        bytes += run.bytes();
        tails[device] = segmentCount << HeadRows.ROW_BITS | (run.rows() - 1);
        addSegment(run);
        boolean none = counts[device] == 0;
        long first = run.firstEvent(0, run.rows());
        long last = run.lastEvent(0, run.rows());
        firstEvents[device] = none ? first : Math.min(firstEvents[device], first);
        lastEvents[device] = none ? last : Math.max(lastEvents[device], last);
        counts[device] += run.rows();
        rows += run.rows();
        readings += (long) run.rows() * layout.width();
        due |= (long) counts[device] * layout.width() > DEVICE_CELLS_MAX;
        return true;
    }

    private void addSegment(HeadRows segment) {
        if (segmentCount == 1 << (31 - HeadRows.ROW_BITS)) {
            throw new IllegalStateException("head with " + segmentCount + " segments");
        }
        if (segmentCount == segments.length) {
            segments = Arrays.copyOf(segments, Math.max(8, segmentCount * 2));
        }
        segments[segmentCount++] = segment;
    }

    private HeadSegment openSegment(HeadLayout layout) {
        int capacity = FIRST_SEGMENT_ROWS;
        if (layout.openIndex >= 0) {
            HeadSegment open = segments[layout.openIndex].open();
            if (!open.isFull()) {
                return open;
            }
            capacity = Math.min(HeadRows.ROWS_MAX, open.capacity() * 2);
        }
        HeadSegment segment = new HeadSegment(layout, capacity);
        bytes += HeadSegment.bytes(layout, capacity);
        layout.openIndex = segmentCount;
        segment.placedAt(segmentCount);
        addSegment(segment);
        return segment;
    }

    private HeadLayout layout(int[] channelIndexes, int size) {
        HeadLayout.Key key = new HeadLayout.Key(Arrays.copyOf(channelIndexes, size));
        HeadLayout layout = layouts.get(key);
        if (layout == null) {
            Channel[] of = new Channel[size];
            for (int i = 0; i < size; i++) {
                of[i] = channels.get(channelIndexes[i]);
            }
            layout = new HeadLayout(of);
            layouts.put(key, layout);
            bytes += LAYOUT_BYTES + 8L * size;
        }
        return layout;
    }

    private int addAppend(Origin origin, long collectorTimeNs) {
        if (appends == origins.length) {
            int capacity = Math.max(16, appends + (appends >> 1));
            origins = Arrays.copyOf(origins, capacity);
            collectorTimes = Arrays.copyOf(collectorTimes, capacity);
        }
        origins[appends] = origin;
        collectorTimes[appends] = collectorTimeNs;
        bytes += APPEND_BYTES;
        return appends++;
    }

    private int indexOf(Channel channel) {
        Integer known = channelIndex.get(channel);
        if (known != null) {
            return known;
        }
        channelIndex.put(channel, channels.size());
        channels.add(channel);
        bytes += LAYOUT_BYTES;
        return channels.size() - 1;
    }

    private int indexOf(Device device) {
        Integer known = deviceIndex.get(device.id());
        int index = known == null ? addDevice(device.id()) : known;
        if (!device.tags().isEmpty() && !device.tags().equals(tags[index])) {
            tags[index] = device.tags();
            directory.seen(device.id(), device.tags());
            device.tags().forEach((key, value) -> bytes += 100 + key.length() + value.length());
        }
        return index;
    }

    private int addDevice(String id) {
        if (devices == ids.length) {
            int capacity = Math.max(4, devices + (devices >> 1));
            ids = Arrays.copyOf(ids, capacity);
            tags = Arrays.copyOf(tags, capacity);
            tails = Arrays.copyOf(tails, capacity);
            counts = Arrays.copyOf(counts, capacity);
            firstEvents = Arrays.copyOf(firstEvents, capacity);
            lastEvents = Arrays.copyOf(lastEvents, capacity);
        }
        ids[devices] = id;
        tails[devices] = -1;
        deviceIndex.put(id, devices);
        directory.seen(id, null);
        bytes += DEVICE_BYTES + id.length();
        return devices++;
    }

    /** What is held of a device; null when nothing is. */
    @Nullable
    HeadDevice device(String id) {
        Integer index = deviceIndex.get(id);
        return index == null ? null : device(index, Integer.MAX_VALUE);
    }

    /** Every device, in the order in which they came, with the rows of the first {@code limit} appends. */
    List<HeadDevice> all(int limit) {
        List<HeadDevice> all = new ArrayList<>(devices);
        for (int i = 0; i < devices; i++) {
            all.add(device(i, limit));
        }
        return all;
    }

    int appends() {
        return appends;
    }

    /** @param to takes IDs and tags */
    void tellDevices(BiConsumer<String, Map<String, String>> to) {
        for (int i = 0; i < devices; i++) {
            to.accept(ids[i], tags[i] == null ? Map.of() : tags[i]);
        }
    }

    /**
     * The first devices behind {@code after} in the order of their IDs' UTF-8 bytes.
     *
     * @param limit at most this many
     */
    List<HeadDevice> first(Glob match, @Nullable String after, int limit) {
        PriorityQueue<String> smallest = new PriorityQueue<>(Utf8Order.INSTANCE.reversed());
        for (int i = 0; i < devices; i++) {
            String id = ids[i];
            if ((after == null || Utf8Order.INSTANCE.compare(id, after) > 0)
                    && (smallest.size() < limit || Utf8Order.INSTANCE.compare(id, smallest.element()) < 0)
                    && match.matches(id)) {
                smallest.add(id);
                if (smallest.size() > limit) {
                    smallest.remove();
                }
            }
        }
        List<HeadDevice> first = new ArrayList<>(smallest.size());
        for (String id : smallest) {
            HeadDevice device = device(id);
            if (device != null) {
                first.add(device);
            }
        }
        return first;
    }

    int devices() {
        return devices;
    }

    private HeadDevice device(int index, int appendLimit) {
        return new HeadDevice(
                ids[index],
                tags[index] == null ? Map.of() : tags[index],
                firstEvents[index],
                lastEvents[index],
                segments,
                tails[index],
                counts[index],
                origins,
                collectorTimes,
                appendLimit);
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Map<String, String>[] newTags(int size) {
        return new Map[size];
    }
}
