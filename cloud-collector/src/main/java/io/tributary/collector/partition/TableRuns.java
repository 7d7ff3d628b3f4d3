package io.tributary.collector.partition;

import io.tributary.model.Column;
import io.tributary.model.Table;
import org.jspecify.annotations.Nullable;

/**
 * Some runs of a table: which they are, where their rows begin, and where in each column their values do.
 *
 * @param starts of all runs of the table, shared: the first row of each
 * @param values of all runs of the table, shared: per run and column the index of the first value; null when every row
 *     has all of them, so that a value's index is its row
 * @param order runs of the table, those of one partition behind each other, shared
 * @param from in {@code order}
 * @param to in {@code order}
 */
public record TableRuns(int[] starts, int @Nullable [][] values, int[] order, int from, int to) {
    static int[] starts(Table table) {
        int[] starts = new int[table.runLength().length];
        int row = 0;
        for (int run = 0; run < starts.length; run++) {
            starts[run] = row;
            row += table.runLength()[run];
        }
        return starts;
    }

    static int @Nullable [][] values(Table table, int[] starts) {
        boolean dense = true;
        for (Column column : table.columns()) {
            dense &= column.presence() == null;
        }
        if (dense) {
            return null;
        }
        int width = table.columns().length;
        int[][] values = new int[starts.length][width];
        for (int i = 0; i < width; i++) {
            Column column = table.columns()[i];
            int value = 0;
            int row = 0;
            for (int run = 0; run < starts.length; run++) {
                values[run][i] = value;
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    value += column.isPresent(row) ? 1 : 0;
                }
            }
        }
        return values;
    }
}
