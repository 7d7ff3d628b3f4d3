package io.tributary.collector.partition;

import io.tributary.model.Batch;
import io.tributary.model.BatchRows;
import io.tributary.model.Column;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes out of rows what had been received before. Deliveries are cut between rows, so that a row is either known or not;
 * a row that an agent cut in spite of that is stored as its unknown pieces, each a row of its own.
 */
public final class ReceivedCut {
    private final SequenceSet known;
    private final List<Table> tables = new ArrayList<>();
    private final List<long[]> sequences = new ArrayList<>();

    private ReceivedCut(SequenceSet known) {
        this.known = known;
    }

    /** The rows with only the readings whose sequences are not in {@code known}, in the same order. */
    public static Rows apply(Rows rows, SequenceSet known) {
        Batch batch = rows.batch();
        ReceivedCut cut = new ReceivedCut(known);
        for (int i = 0; i < batch.tables().size(); i++) {
            cut.add(batch.tables().get(i), rows.sequences()[i]);
        }
        return new Rows(new Batch(batch.devices(), batch.channels(), cut.tables), cut.sequences.toArray(long[][]::new));
    }

    private void add(Table table, long[] first) {
        int[] kept = new int[table.rows()];
        int size = 0;
        for (int row = 0; row < table.rows(); row++) {
            long end = first[row] + width(table, row);
            long received = known.countIn(first[row], end);
            if (received == 0) {
                kept[size++] = row;
            } else if (received < end - first[row]) {
                addRows(table, first, kept, size);
                size = 0;
                for (SequenceRange piece : known.missing(first[row], end).ranges()) {
                    tables.add(piece(table, row, first[row], piece));
                    sequences.add(new long[] {piece.first()});
                }
            }
        }
        addRows(table, first, kept, size);
    }

    private void addRows(Table table, long[] first, int[] rows, int size) {
        if (size == 0) {
            return;
        }
        int[] picked = Arrays.copyOf(rows, size);
        long[] pickedSequences = new long[size];
        for (int i = 0; i < size; i++) {
            pickedSequences[i] = first[picked[i]];
        }
        tables.add(size == table.rows() ? table : BatchRows.selectRows(table, picked));
        sequences.add(pickedSequences);
    }

    private static int width(Table table, int row) {
        int width = 0;
        for (Column column : table.columns()) {
            width += column.isPresent(row) ? 1 : 0;
        }
        return width;
    }

    private static Table piece(Table table, int row, long first, SequenceRange piece) {
        Table single = BatchRows.selectRows(table, new int[] {row});
        int from = (int) (piece.first() - first);
        int to = (int) (piece.end() - first);
        return new Table(
                1,
                single.runDevice(),
                single.runLength(),
                single.eventTimes(),
                single.edgeTimes(),
                Arrays.copyOfRange(single.channels(), from, to),
                Arrays.copyOfRange(single.columns(), from, to));
    }
}
