package io.tributary.collector.storage;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a head held of a device at one moment. Later appends do not show.
 *
 * @param tags empty when no append told any
 * @param rows at most; those of appends from {@code appendLimit} on are left out
 * @param tail the last row, {@code segment << ROW_BITS | row}
 */
record HeadDevice(
        String id,
        Map<String, String> tags,
        long firstEventTimeNs,
        long lastEventTimeNs,
        HeadRows[] segments,
        int tail,
        int rows,
        Origin[] origins,
        long[] collectorTimes,
        int appendLimit) {

    /** A chunk costs some 60 bytes a channel beside its columns: at most a seventh of these, until it is folded. */
    private static final int PORTION_BYTES_PER_CHANNEL = 400;

    /** Rows that lie behind each other. */
    private record Span(HeadRows rows, int from, int to) {
        int size() {
            return to - from;
        }

        long last() {
            return rows.lastEvent(from, to);
        }
    }

    /** In the order of arrival. */
    private List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        int left = rows;
        int row = tail;
        while (left > 0) {
            HeadRows in = segments[row >>> HeadRows.ROW_BITS];
            int at = row & HeadRows.ROW_MASK;
            int from = in.spanStart(at);
            spans.add(new Span(in, from, at + 1));
            left -= at + 1 - from;
            row = in.previous(from);
        }
        Collections.reverse(spans);
        return spans;
    }

    /** The rows with event times in {@code [fromNs, toNs)}, one group per layout, in the order of arrival. */
    List<RowGroup> groups(long fromNs, long toNs) {
        // A device has one layout, nearly always.
        Map<HeadLayout, List<Span>> byLayout = new LinkedHashMap<>(2);
        Map<HeadRows, HeadSegment> opened = new IdentityHashMap<>();
        for (Span span : spans()) {
            if (span.rows.firstEvent(span.from, span.to) < toNs && span.rows.lastEvent(span.from, span.to) >= fromNs) {
                HeadSegment segment = opened(span, opened);
                List<Span> of = byLayout.computeIfAbsent(span.rows.layout(), unused -> new ArrayList<>());
                addRows(span, segment, fromNs, toNs, of);
            }
        }
        List<RowGroup> groups = new ArrayList<>(byLayout.size());
        byLayout.forEach((layout, spans) -> {
            if (!spans.isEmpty()) {
                groups.add(group(layout, spans, opened));
            }
        });
        return groups;
    }

    /**
     * The rows, group by group as they are to be stored: usually all in one portion. Deliveries of one device that are
     * large, ascend in time, each behind the one before, are a portion each, so that their columns can be copied.
     */
    List<List<RowGroup>> portions() {
        List<Span> spans = spans();
        if (spans.size() < 2 || !areLargeRuns(spans)) {
            return List.of(groups(Long.MIN_VALUE, Long.MAX_VALUE));
        }
        List<List<RowGroup>> portions = new ArrayList<>(spans.size());
        for (Span span : spans) {
            Map<HeadRows, HeadSegment> opened = new IdentityHashMap<>();
            portions.add(List.of(group(span.rows.layout(), List.of(span), opened)));
        }
        return portions;
    }

    private static boolean areLargeRuns(List<Span> spans) {
        long last = Long.MIN_VALUE;
        for (Span span : spans) {
            if (!(span.rows instanceof EncodedRun run)
                    || run.encodedBytes()
                            < PORTION_BYTES_PER_CHANNEL * run.layout().width()
                    || run.firstEvent(span.from, span.to) <= last) {
                return false;
            }
            last = run.lastEvent(span.from, span.to);
        }
        return true;
    }

    private static HeadSegment opened(Span span, Map<HeadRows, HeadSegment> opened) {
        return span.rows instanceof HeadSegment segment ? segment : opened.computeIfAbsent(span.rows, HeadRows::open);
    }

    /** The parts of a span that are asked for. */
    private void addRows(Span span, HeadSegment segment, long fromNs, long toNs, List<Span> target) {
        boolean all = span.rows instanceof EncodedRun // of one append
                && span.rows.append(span.from) < appendLimit
                && span.rows.firstEvent(span.from, span.to) >= fromNs
                && span.rows.lastEvent(span.from, span.to) < toNs;
        if (all) {
            target.add(span);
            return;
        }
        int from = span.from;
        for (int row = span.from; row <= span.to; row++) {
            boolean asked = row < span.to
                    && segment.eventTimes[row] >= fromNs
                    && segment.eventTimes[row] < toNs
                    && span.rows.append(row) < appendLimit;
            if (!asked) {
                if (row > from) {
                    target.add(new Span(span.rows, from, row));
                }
                from = row + 1;
            }
        }
    }

    boolean overlaps(long fromNs, long toNs) {
        return firstEventTimeNs < toNs && lastEventTimeNs >= fromNs;
    }

    /** As if all rows had the channels of the last one. */
    long readings() {
        return rows == 0
                ? 0
                : (long) rows * segments[tail >>> HeadRows.ROW_BITS].layout().width();
    }

    /** Who has sent the rows. */
    Set<Origin> senders() {
        Set<Origin> senders = new HashSet<>();
        for (Span span : spans()) {
            for (int row = span.from; row < span.to; row++) {
                senders.add(origins[span.rows.append(row)]);
            }
        }
        return senders;
    }

    /**
     * Of each layout the row with the highest event time; null when two rows of one layout share it, as who wins is not
     * said by time alone.
     */
    @Nullable
    List<RowGroup> newest() {
        Map<HeadLayout, Span> best = new LinkedHashMap<>(2);
        Set<HeadLayout> shared = new HashSet<>(2);
        for (Span span : spans()) {
            HeadLayout layout = span.rows.layout();
            Span before = best.get(layout);
            int order = before == null ? 1 : Long.compare(span.last(), before.last());
            if (order > 0) {
                best.put(layout, span);
                shared.remove(layout);
            } else if (order == 0) {
                shared.add(layout);
            }
        }
        if (!shared.isEmpty() || appendLimit < Integer.MAX_VALUE) {
            return null;
        }
        List<RowGroup> newest = new ArrayList<>(best.size());
        for (Map.Entry<HeadLayout, Span> entry : best.entrySet()) {
            Span span = entry.getValue();
            HeadSegment segment = span.rows.open();
            long last = span.last();
            int found = -1;
            for (int row = span.from; row < span.to; row++) {
                if (segment.eventTimes[row] == last) {
                    if (found >= 0) {
                        return null;
                    }
                    found = row;
                }
            }
            Map<HeadRows, HeadSegment> opened = new IdentityHashMap<>();
            opened.put(span.rows, segment);
            newest.add(group(entry.getKey(), List.of(new Span(span.rows, found, found + 1)), opened));
        }
        return newest;
    }

    /** Tells a record of the rows, in the order of their arrival. */
    void describe(DeviceRecord record) {
        record.tell(tags);
        List<Span> spans = spans();
        for (int i = 0; i < spans.size(); ) {
            HeadLayout layout = spans.get(i).rows.layout();
            Span begin = spans.get(i);
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (; i < spans.size() && spans.get(i).rows.layout() == layout; i++) {
                Span span = spans.get(i);
                first = Math.min(first, span.rows.firstEvent(span.from, span.to));
                last = Math.max(last, span.rows.lastEvent(span.from, span.to));
            }
            long collectorTime = collectorTimes[begin.rows.append(begin.from)];
            for (Channel channel : layout.channels()) {
                record.observe(channel, collectorTime, first, last);
            }
        }
    }

    private RowGroup group(HeadLayout layout, List<Span> spans, Map<HeadRows, HeadSegment> opened) {
        int size = 0;
        for (Span span : spans) {
            size = Math.addExact(size, span.size());
        }
        HeadSegment[] segments = new HeadSegment[spans.size()];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = opened(spans.get(i), opened);
        }
        long[] collectors = new long[size];
        Origin[] of = new Origin[size];
        int at = 0;
        for (Span span : spans) {
            for (int row = span.from; row < span.to; row++) {
                int append = span.rows.append(row);
                collectors[at] = collectorTimes[append];
                of[at++] = origins[append];
            }
        }
        boolean whole = segments.length == 1
                && spans.get(0).from == 0
                && size == segments[0].eventTimes.length
                && segments[0].hasColumns();
        Column[] columns = new Column[layout.width()];
        for (int column = 0; column < columns.length; column++) {
            columns[column] =
                    whole ? segments[0].column(column) : column(layout.channel(column), column, spans, segments, size);
        }
        if (whole) {
            HeadSegment only = segments[0];
            return new RowGroup(
                    size, only.eventTimes, only.edgeTimes, collectors, only.sequences, of, layout.channels(), columns);
        }
        long[] events = new long[size];
        long[] edges = new long[size];
        long[] sequences = new long[size];
        at = 0;
        for (int i = 0; i < segments.length; i++) {
            Span span = spans.get(i);
            System.arraycopy(segments[i].eventTimes, span.from, events, at, span.size());
            System.arraycopy(segments[i].edgeTimes, span.from, edges, at, span.size());
            System.arraycopy(segments[i].sequences, span.from, sequences, at, span.size());
            at += span.size();
        }
        return new RowGroup(size, events, edges, collectors, sequences, of, layout.channels(), columns);
    }

    private static Column column(Channel channel, int column, List<Span> spans, HeadSegment[] segments, int size) {
        byte[] quality = null;
        int at = 0;
        for (int i = 0; i < segments.length; i++) {
            Span span = spans.get(i);
            if (segments[i].hasQuality(column)) {
                quality = quality == null ? new byte[size] : quality;
                for (int row = 0; row < span.size(); row++) {
                    quality[at + row] = (byte) segments[i].qualityAt(column, span.from + row);
                }
            }
            at += span.size();
        }
        Object values = switch (channel.type()) {
            case DOUBLE -> new double[size];
            case STRING -> new String[size];
            default -> new long[size];
        };
        at = 0;
        for (int i = 0; i < segments.length; i++) {
            Span span = spans.get(i);
            segments[i].copy(column, span.from, values, at, span.size());
            at += span.size();
        }
        return switch (channel.type()) {
            case DOUBLE -> Column.ofDoubles((double[]) values, size, null, quality);
            case STRING -> Column.ofStrings((String[]) values, size, null, quality);
            case LONG -> Column.ofLongs((long[]) values, size, null, quality);
            case BOOL -> Column.ofBools((long[]) values, size, null, quality);
        };
    }
}
