package io.tributary.collector.query;

import io.tributary.collector.storage.BlockCursor;
import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.SeriesSlice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers one {@link ReadQuery}. On the event axis rows stream out of the store in order. On the others a device is
 * scanned as a whole, and the rows that may still be within the limit are kept: never more than twice the limit, or the
 * query is refused.
 */
final class RowReader {
    private final ReadingReader reader;
    private final ReadQuery query;
    private final QueryRun run;
    private final RowSink sink;
    private final ReadingRow row = new ReadingRow();
    private long left;
    private @Nullable Position last;
    private boolean more;

    RowReader(ReadingReader reader, ReadQuery query, QueryRun run, RowSink sink) {
        this.reader = reader;
        this.query = query;
        this.run = run;
        this.sink = sink;
        this.left = query.limit();
    }

    /** Where the next page begins; null when there is none. */
    @Nullable
    Position next() {
        return more ? last : null;
    }

    /** @return false when the limit is reached and there is more */
    boolean readDevice(String device, @Nullable Set<String> channels) throws IOException {
        Position after = query.after() != null && query.after().device().equals(device) ? query.after() : null;
        if (query.axis() == Axis.EVENT) {
            readInOrder(device, channels, after);
        } else {
            readSorted(device, channels, after);
        }
        return !more;
    }

    private void readInOrder(String device, @Nullable Set<String> channels, @Nullable Position after)
            throws IOException {
        long from = query.range().fromNs();
        long to = query.range().toNs();
        if (after != null && query.ascending()) {
            from = Math.max(from, after.eventTimeNs());
        } else if (after != null && after.eventTimeNs() < Long.MAX_VALUE) {
            to = Math.min(to, after.eventTimeNs() + 1);
        }
        if (from >= to) {
            return;
        }
        try (BlockCursor cursor = reader.read(device, query.filter().toRead(channels), from, to, query.ascending())) {
            for (DeviceBlock next = cursor.next(); next != null && !more; next = cursor.next()) {
                run.check();
                DeviceBlock block = FilteredBlock.of(next, query.filter(), channels, run);
                new BlockMerge(block, query.ascending(), run).forEach((slice, index) -> {
                    row.set(device, slice, index);
                    return after != null && !after.isBefore(row, Axis.EVENT, query.ascending()) || emit(row);
                });
            }
        }
    }

    /** @return false when the limit was reached before this row */
    private boolean emit(ReadingRow next) throws IOException {
        if (left == 0) {
            more = true;
            return false;
        }
        left = sink.row(next) ? left - 1 : 0;
        if (left == 0) {
            last = Position.of(next, query.axis());
        }
        return true;
    }

    private void readSorted(String device, @Nullable Set<String> channels, @Nullable Position after)
            throws IOException {
        List<ReadingRow> kept = collect(device, channels, after);
        kept.sort(order());
        for (ReadingRow next : kept) {
            if (!emit(next)) {
                return;
            }
        }
    }

    private Comparator<ReadingRow> order() {
        Comparator<ReadingRow> ascending = (a, b) -> Position.compare(a, b, query.axis());
        return query.ascending() ? ascending : ascending.reversed();
    }

    private List<ReadingRow> collect(String device, @Nullable Set<String> channels, @Nullable Position after) {
        // One more than the limit tells whether there is a next page.
        int wanted = (int) Math.min(left + (left == Long.MAX_VALUE ? 0 : 1), Integer.MAX_VALUE / 4);
        List<ReadingRow> kept = new ArrayList<>();
        Set<String> toRead = query.filter().toRead(channels);
        try (BlockCursor cursor = reader.read(device, toRead, Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            for (DeviceBlock next = cursor.next(); next != null; next = cursor.next()) {
                run.check();
                DeviceBlock block = FilteredBlock.of(next, query.filter(), channels, run);
                for (int i = 0; i < block.channels().size(); i++) {
                    SeriesSlice slice = block.slice(i);
                    run.scanned(slice.size());
                    collect(device, slice, after, wanted, kept);
                }
            }
        }
        return kept;
    }

    private void collect(
            String device, SeriesSlice slice, @Nullable Position after, int wanted, List<ReadingRow> kept) {
        long[] times = query.axis().times(slice);
        for (int i = 0; i < slice.size(); i++) {
            if (!query.range().contains(times[i])) {
                continue;
            }
            row.set(device, slice, i);
            if (after != null && !after.isBefore(row, query.axis(), query.ascending())) {
                continue;
            }
            if (kept.size() >= 2L * wanted) {
                kept.sort(order());
                kept.subList(wanted, kept.size()).clear();
            }
            if (kept.size() >= run.limits().sortedRowsMax()) {
                throw QueryException.tooLarge("device \"" + device + "\" has more than "
                        + run.limits().sortedRowsMax() + " readings to sort by "
                        + query.axis().name().toLowerCase(java.util.Locale.ROOT) + " time; ask for a limit of at most "
                        + Math.max(1, run.limits().sortedRowsMax() / 2 - 1)
                        + ", a shorter time range, or axis=event, which needs no sorting");
            }
            kept.add(row.copy());
        }
    }
}
