package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Rows;
import io.tributary.collector.partition.SequenceSet;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.util.List;

/** Which readings of a late delivery an erasure covers: they were numbered before it. */
final class ErasedSequences {
    /** What they are rejected for. */
    static final String CAUSE = "erased";

    private ErasedSequences() {}

    static SequenceSet of(Rows rows, Origin origin, Erasures.View erasures) {
        SequenceSet covered = SequenceSet.EMPTY;
        for (int i = 0; i < rows.batch().tables().size(); i++) {
            Table table = rows.batch().tables().get(i);
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                String device =
                        rows.batch().devices().get(table.runDevice()[run]).id();
                List<Erasure> of = erasures.of(device);
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    if (!of.isEmpty()) {
                        covered = plus(covered, rows, table, row, rows.sequences()[i][row], origin, of);
                    }
                }
            }
        }
        return covered;
    }

    private static SequenceSet plus(
            SequenceSet covered, Rows rows, Table table, int row, long first, Origin origin, List<Erasure> erasures) {
        SequenceSet sum = covered;
        long sequence = first;
        for (int i = 0; i < table.columns().length; i++) {
            Column column = table.columns()[i];
            if (column.isPresent(row)) {
                Channel channel = rows.batch().channels().get(table.channels()[i]);
                for (Erasure erasure : erasures) {
                    if (erasure.coversLate(origin, sequence, table.eventTimes()[row])
                            && erasure.coversChannel(channel.name())) {
                        sum = sum.plus(sequence, sequence + 1);
                    }
                }
                sequence++;
            }
        }
        return sum;
    }
}
