package io.tributary.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Picks rows out of batches and numbers them. */
public final class BatchRows {
    private BatchRows() {}

    /** Decides per row; called in table, row order. */
    @FunctionalInterface
    public interface RowPredicate {
        boolean test(int table, int row);
    }

    /**
     * The batch with only the rows that {@code keep} takes, in the same order; tables left without rows are dropped,
     * dictionaries stay as they are. Returns {@code batch} itself when every row is kept.
     */
    public static Batch select(Batch batch, RowPredicate keep) {
        List<Table> tables = new ArrayList<>(batch.tables().size());
        boolean same = true;
        for (int i = 0; i < batch.tables().size(); i++) {
            Table table = batch.tables().get(i);
            int[] rows = new int[table.rows()];
            int kept = 0;
            for (int row = 0; row < table.rows(); row++) {
                if (keep.test(i, row)) {
                    rows[kept++] = row;
                }
            }
            same &= kept == table.rows();
            if (kept == table.rows()) {
                tables.add(table);
            } else if (kept > 0) {
                tables.add(selectRows(table, Arrays.copyOf(rows, kept)));
            }
        }
        return same ? batch : new Batch(batch.devices(), batch.channels(), tables);
    }

    /** Sequence of each row's first reading; the rank of readings inside a table is row, then column. */
    public static long[] rowSequences(Table table, long firstOfTable) {
        long[] sequences = new long[table.rows()];
        int everywhere = 0;
        long next = firstOfTable;
        for (Column column : table.columns()) {
            everywhere += column.presence() == null ? 1 : 0;
        }
        for (int row = 0; row < sequences.length; row++) {
            sequences[row] = next;
            next += everywhere;
            for (Column column : table.columns()) {
                next += column.presence() != null && column.isPresent(row) ? 1 : 0;
            }
        }
        return sequences;
    }

    /**
     * The table with only these rows; channels left without values are dropped, indexes still mean the same dictionaries.
     *
     * @param rows ascending
     */
    public static Table selectRows(Table table, int[] rows) {
        int[] runDevice = new int[table.runDevice().length];
        int[] runLength = new int[runDevice.length];
        int runs = 0;
        int end = 0;
        int at = 0;
        for (int run = 0; run < runDevice.length; run++) {
            end += table.runLength()[run];
            int from = at;
            while (at < rows.length && rows[at] < end) {
                at++;
            }
            if (at > from) {
                runDevice[runs] = table.runDevice()[run];
                runLength[runs++] = at - from;
            }
        }
        int[] channels = new int[table.channels().length];
        Column[] columns = new Column[channels.length];
        int width = 0;
        for (int i = 0; i < channels.length; i++) {
            Column column = reorder(table.columns()[i], rows.length, rows);
            if (column.size() > 0) {
                channels[width] = table.channels()[i];
                columns[width++] = column;
            }
        }
        return new Table(
                rows.length,
                Arrays.copyOf(runDevice, runs),
                Arrays.copyOf(runLength, runs),
                gather(table.eventTimes(), rows),
                gather(table.edgeTimes(), rows),
                Arrays.copyOf(channels, width),
                Arrays.copyOf(columns, width));
    }

    static long[] gather(long[] values, int[] order) {
        long[] result = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            result[i] = values[order[i]];
        }
        return result;
    }

    /** The column over target rows {@code order[i]}: a selection, a permutation, or both. */
    static Column reorder(Column column, int rows, int[] order) {
        long[] presence = column.presence();
        if (presence == null) {
            return gather(column, order, order.length, null);
        }
        int[] rank = ranks(presence, column.size(), order);
        long[] bits = new long[(rows + 63) >> 6];
        int[] source = new int[Math.min(rows, column.size())];
        int size = 0;
        for (int row = 0; row < rows; row++) {
            if (column.isPresent(order[row])) {
                bits[row >> 6] |= 1L << row;
                source[size++] = rank[row];
            }
        }
        return gather(column, source, size, size == rows ? null : bits);
    }

    /** Index among the present values, per entry of {@code order}; meaningless where absent. */
    private static int[] ranks(long[] presence, int size, int[] order) {
        int[] before = new int[presence.length + 1];
        for (int word = 0; word < presence.length; word++) {
            before[word + 1] = Math.min(size, before[word] + Long.bitCount(presence[word]));
        }
        int[] rank = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            int row = order[i];
            rank[i] = before[row >> 6] + Long.bitCount(presence[row >> 6] & ((1L << row) - 1));
        }
        return rank;
    }

    private static Column gather(Column column, int[] source, int size, long @Nullable [] presence) {
        byte[] codes = null;
        if (column.quality() != null) {
            codes = new byte[size];
            for (int i = 0; i < size; i++) {
                codes[i] = (byte) column.qualityAt(source[i]);
            }
        }
        switch (column.type()) {
            case DOUBLE -> {
                double[] values = new double[size];
                for (int i = 0; i < size; i++) {
                    values[i] = column.doubles()[source[i]];
                }
                return Column.ofDoubles(values, size, presence, codes);
            }
            case STRING -> {
                String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = column.strings()[source[i]];
                }
                return Column.ofStrings(values, size, presence, codes);
            }
            default -> {
                long[] values = new long[size];
                for (int i = 0; i < size; i++) {
                    values[i] = column.longs()[source[i]];
                }
                return column.type() == ValueType.BOOL
                        ? Column.ofBools(values, size, presence, codes)
                        : Column.ofLongs(values, size, presence, codes);
            }
        }
    }
}
