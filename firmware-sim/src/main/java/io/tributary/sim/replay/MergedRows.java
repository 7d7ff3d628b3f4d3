package io.tributary.sim.replay;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Several streams as one, as a fleet would send them: always the row with the earliest event time, or one of each in
 * turn. The order within a stream is kept, also where it steps back, and one row per stream is in memory.
 */
final class MergedRows implements RowStream {
    private final List<RowStream> streams;
    private final Queue<Head> heads;

    MergedRows(List<RowStream> streams, ReplayFiles.Merge merge) throws IOException {
        this.streams = List.copyOf(streams);
        this.heads = merge == ReplayFiles.Merge.ROUND_ROBIN
                ? new ArrayDeque<>()
                : new PriorityQueue<>(Comparator.comparingLong((Head head) -> head.row.eventTimeNs())
                        .thenComparingInt(head -> head.index));
        for (int i = 0; i < this.streams.size(); i++) {
            advance(i);
        }
    }

    private void advance(int index) throws IOException {
        Row row = streams.get(index).next();
        if (row != null) {
            heads.add(new Head(index, row));
        }
    }

    @Override
    public @Nullable Row next() throws IOException {
        Head head = heads.poll();
        if (head == null) {
            return null;
        }
        advance(head.index);
        return head.row;
    }

    @Override
    public double fraction() {
        double sum = 0;
        for (RowStream stream : streams) {
            sum += stream.fraction();
        }
        return streams.isEmpty() ? 1 : sum / streams.size();
    }

    @Override
    public void close() throws IOException {
        List<IOException> failures = new ArrayList<>();
        for (RowStream stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    private record Head(int index, Row row) {}
}
