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
    private ReceivedCut() {}

    /** The rows with only the readings whose sequences are not in {@code known}. */
    public static Rows apply(Rows rows, SequenceSet known) {
        Batch batch = rows.batch();
        List<Table> tables = new ArrayList<>();
        List<long[]> sequences = new ArrayList<>();
        List<Table> pieces = new ArrayList<>();
        List<long[]> pieceSequences = new ArrayList<>();
        for (int i = 0; i < batch.tables().size(); i++) {
            Table table = batch.tables().get(i);
            long[] first = rows.sequences()[i];
            int[] kept = new int[table.rows()];
            int size = 0;
            for (int row = 0; row < table.rows(); row++) {
                long end = first[row] + width(table, row);
                long received = known.countIn(first[row], end);
                if (received == 0) {
                    kept[size++] = row;
                } else if (received < end - first[row]) {
                    for (SequenceRange piece : known.missing(first[row], end).ranges()) {
                        pieces.add(piece(table, row, first[row], piece));
                        pieceSequences.add(new long[] {piece.first()});
                    }
                }
            }
            if (size > 0) {
                int[] picked = Arrays.copyOf(kept, size);
                tables.add(size == table.rows() ? table : BatchRows.selectRows(table, picked));
                long[] pickedSequences = new long[size];
                for (int k = 0; k < size; k++) {
                    pickedSequences[k] = first[picked[k]];
                }
                sequences.add(pickedSequences);
            }
        }
        tables.addAll(pieces);
        sequences.addAll(pieceSequences);
        return new Rows(new Batch(batch.devices(), batch.channels(), tables), sequences.toArray(long[][]::new));
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
