package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Rows;
import io.tributary.collector.partition.TableRuns;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    /** Runs of fewer rows of a device share segments with others: an encoded run costs some 600 bytes beside its rows. */
    private static final int RUN_ROWS_MIN = 16;
    /** Of one device: what a flush may have to decode at a time. 16 MiB, and the copies that merging makes. */
    private static final long DEVICE_CELLS_MAX = 1 << 21;

    private static final int APPEND_BYTES = 12;

    /** The head holds what its partition has of the log from here on. */
    final long firstOffset;

    private long endOffset;
    private long firstCollectorTimeNs;
    private long firstLogPosition;
    private boolean due;
    private final HeadDevices devices;
    private final HeadSegments segments = new HeadSegments();
    /** Of appends and texts. */
    private long bytes;

    private long readings;
    /** Event times of the append that is being taken, or was last; none of it when the first is above the last. */
    private long appendFirst;

    private long appendLast;

    private Origin[] origins = {};
    private long[] collectorTimes = {};
    private int appends;

    Head(long firstOffset, DeviceDirectory directory) {
        this.devices = new HeadDevices(directory);
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
        return bytes + devices.bytes() + segments.bytes();
    }

    long readings() {
        return readings;
    }

    /** The lowest event time that the last append brought; above {@link #appendLast} when it brought none. */
    long appendFirst() {
        return appendFirst;
    }

    long appendLast() {
        return appendLast;
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
        return devices.sortedIds();
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
        appendFirst = Long.MAX_VALUE;
        appendLast = Long.MIN_VALUE;
        int append = addAppend(origin, collectorTimeNs);
        Batch batch = batchRows.batch();
        for (int i = 0; i < batch.tables().size(); i++) {
            if (runs == null || runs[i].from() < runs[i].to()) {
                Table table = batch.tables().get(i);
                appendTable(batch, table, batchRows.sequences()[i], append, runs == null ? null : runs[i]);
            }
        }
    }

    private void appendTable(Batch batch, Table table, long[] sequences, int append, @Nullable TableRuns runs) {
        int width = table.columns().length;
        boolean dense = true;
        for (Column column : table.columns()) {
            dense &= column.presence() == null;
        }
        int[] all = segments.indexesOf(batch.channels(), table.channels());
        HeadLayout layout = dense && width > 0 ? segments.layout(all, width) : null;
        int[] runDevice = table.runDevice();
        if (layout != null
                && runDevice.length == 1
                && table.rows() >= RUN_ROWS_MIN
                && appendRun(layout, devices.indexOf(batch.devices(), runDevice[0]), table, sequences, append)) {
            return;
        }
        RowAppend rows = new RowAppend(table, sequences, all, layout, append);
        if (runs == null) {
            int row = 0;
            for (int run = 0; run < runDevice.length; run++) {
                int end = row + table.runLength()[run];
                rows.append(devices.indexOf(batch.devices(), runDevice[run]), row, end);
                row = end;
            }
            return;
        }
        for (int i = runs.from(); i < runs.to(); i++) {
            int run = runs.order()[i];
            int row = runs.starts()[run];
            rows.goTo(row, runs.values() == null ? null : runs.values()[run]);
            rows.append(devices.indexOf(batch.devices(), runDevice[run]), row, row + table.runLength()[run]);
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
                    HeadLayout of = layout != null ? layout : segments.layout(presentChannels, size);
                    appendRow(of, device, table, row, sequences[row], append, present, next);
                }
            }
        }
    }

    private void appendRow(
            HeadLayout layout, int device, Table table, int row, long sequence, int append, int[] present, int[] next) {
        HeadSegment segment = segments.open(layout);
        long event = table.eventTimes()[row];
        int at = segment.add(event, table.edgeTimes()[row], sequence, append, devices.tail(device));
        for (int i = 0; i < layout.width(); i++) {
            bytes += segment.set(at, i, table.columns()[present[i]], next[present[i]]++);
        }
        devices.grew(device, layout.openIndex << HeadRows.ROW_BITS | at, 1, event, event);
        appendFirst = Math.min(appendFirst, event);
        appendLast = Math.max(appendLast, event);
        readings += layout.width();
    }

    /** Takes a table of one device as it came; false when it is not such a table. */
    private boolean appendRun(HeadLayout layout, int device, Table table, long[] sequences, int append) {
        EncodedRun run = EncodedRun.of(layout, table, sequences, append, devices.tail(device));
        if (run == null) {
            return false;
        }
        int rows = run.rows();
        int tail = segments.size() << HeadRows.ROW_BITS | (rows - 1);
        segments.add(run);
        devices.grew(device, tail, rows, run.firstEvent(0, rows), run.lastEvent(0, rows));
        appendFirst = Math.min(appendFirst, run.firstEvent(0, rows));
        appendLast = Math.max(appendLast, run.lastEvent(0, rows));
        readings += (long) rows * layout.width();
        due |= (long) devices.rows(device) * layout.width() > DEVICE_CELLS_MAX;
        return true;
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

    /** What is held of a device; null when nothing is. */
    @Nullable
    HeadDevice device(String id) {
        int index = devices.find(id);
        return index < 0 ? null : device(index, Integer.MAX_VALUE);
    }

    /** Every device, in the order in which they came, with the rows of the first {@code limit} appends. */
    List<HeadDevice> all(int limit) {
        List<HeadDevice> all = new ArrayList<>(devices.size());
        for (int i = 0; i < devices.size(); i++) {
            all.add(device(i, limit));
        }
        return all;
    }

    int appends() {
        return appends;
    }

    /** @param to takes IDs and tags */
    void tellDevices(BiConsumer<String, Map<String, String>> to) {
        devices.tell(to);
    }

    /**
     * The first devices behind {@code after} in the order of their IDs' UTF-8 bytes.
     *
     * @param limit at most this many
     */
    List<HeadDevice> first(Glob match, @Nullable String after, int limit) {
        List<HeadDevice> first = new ArrayList<>();
        for (String id : devices.first(match, after, limit)) {
            HeadDevice device = device(id);
            if (device != null) {
                first.add(device);
            }
        }
        return first;
    }

    int devices() {
        return devices.size();
    }

    private HeadDevice device(int index, int appendLimit) {
        return new HeadDevice(
                devices.id(index),
                devices.tags(index),
                devices.firstEvent(index),
                devices.lastEvent(index),
                segments.array(),
                devices.tail(index),
                devices.rows(index),
                origins,
                collectorTimes,
                appendLimit);
    }
}
