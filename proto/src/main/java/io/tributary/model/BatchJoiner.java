package io.tributary.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins batches that follow each other into one. A {@link BatchBuilder} would group rows by channel set and device; this
 * keeps every reading at its rank (table, row, column), so that the joined batch takes exactly the sequences of its parts and
 * a receiver that has some of them knows which. Tables that follow each other with the same channels become one: small
 * batches of like devices, which are mostly dictionary and headers, become dense. Not thread-safe.
 */
public final class BatchJoiner {
    private final BatchDictionary dictionary = new BatchDictionary();
    private final List<Table> tables = new ArrayList<>();

    // The table that is still open; no channels: none is.
    private int[] channels = {};
    private ColumnBuilder[] columns = {};
    private int rows;
    private long[] eventTimes = {};
    private long[] edgeTimes = {};
    private int runs;
    private int[] runDevice = {};
    private int[] runLength = {};

    /** Appends all readings of a batch. */
    public BatchJoiner add(Batch batch) {
        int[] deviceMap = new int[batch.devices().size()];
        for (int i = 0; i < deviceMap.length; i++) {
            deviceMap[i] = dictionary.indexOf(batch.devices().get(i));
        }
        int[] channelMap = new int[batch.channels().size()];
        for (int i = 0; i < channelMap.length; i++) {
            channelMap[i] = dictionary.indexOf(batch.channels().get(i));
        }
        for (Table table : batch.tables()) {
            add(table, deviceMap, channelMap);
        }
        return this;
    }

    private void add(Table table, int[] deviceMap, int[] channelMap) {
        int[] mapped = mapped(table.channels(), channelMap);
        boolean dense = true;
        for (Column column : table.columns()) {
            dense &= column.presence() == null;
        }
        if (!dense || mapped.length == 0) {
            closeTable();
            tables.add(new Table(
                    table.rows(),
                    mapped(table.runDevice(), deviceMap),
                    table.runLength(),
                    table.eventTimes(),
                    table.edgeTimes(),
                    mapped,
                    table.columns()));
            return;
        }
        if (!Arrays.equals(mapped, channels)) {
            closeTable();
            channels = mapped;
            columns = new ColumnBuilder[mapped.length];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = new ColumnBuilder(table.columns()[i].type());
            }
        }
        append(table, deviceMap);
    }

    private void append(Table table, int[] deviceMap) {
        int all = Math.addExact(rows, table.rows());
        if (all > eventTimes.length) {
            eventTimes = Arrays.copyOf(eventTimes, all + (all >> 1));
            edgeTimes = Arrays.copyOf(edgeTimes, all + (all >> 1));
        }
        System.arraycopy(table.eventTimes(), 0, eventTimes, rows, table.rows());
        System.arraycopy(table.edgeTimes(), 0, edgeTimes, rows, table.rows());
        rows = all;
        for (int i = 0; i < columns.length; i++) {
            columns[i].addAll(table.columns()[i], 0, table.rows());
        }
        int more = table.runDevice().length;
        if (runs + more > runDevice.length) {
            runDevice = Arrays.copyOf(runDevice, runs + more + (runs >> 1));
            runLength = Arrays.copyOf(runLength, runDevice.length);
        }
        for (int run = 0; run < more; run++) {
            int device = deviceMap[table.runDevice()[run]];
            if (runs > 0 && runDevice[runs - 1] == device) {
                runLength[runs - 1] += table.runLength()[run];
            } else {
                runDevice[runs] = device;
                runLength[runs] = table.runLength()[run];
                runs++;
            }
        }
    }

    private static int[] mapped(int[] indexes, int[] map) {
        int[] result = new int[indexes.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = map[indexes[i]];
        }
        return result;
    }

    private void closeTable() {
        if (rows > 0) {
            Column[] built = new Column[columns.length];
            for (int i = 0; i < built.length; i++) {
                built[i] = columns[i].build(rows, null);
            }
            tables.add(new Table(
                    rows,
                    Arrays.copyOf(runDevice, runs),
                    Arrays.copyOf(runLength, runs),
                    eventTimes,
                    edgeTimes,
                    channels,
                    built));
        }
        channels = new int[0];
        columns = new ColumnBuilder[0];
        rows = 0;
        runs = 0;
        eventTimes = new long[0];
        edgeTimes = new long[0];
    }

    /** The joined batch; the joiner is empty again. */
    public Batch build() {
        closeTable();
        Batch batch = new Batch(dictionary.devices(), dictionary.channels(), tables);
        dictionary.clear();
        tables.clear();
        return batch;
    }
}
