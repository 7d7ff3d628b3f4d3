package io.tributary.collector.partition;

import io.tributary.model.Batch;
import io.tributary.model.BatchRows;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits appends by partition, without copying a row: each partition is told which runs of which table are its own. Any
 * thread.
 */
public final class PartitionRouter {
    private final Partitioner partitioner;

    /** Of the last batch of several devices. */
    private volatile Known known = new Known(List.of(), new int[0]);

    private record Known(List<Device> devices, int[] partitions) {}

    public PartitionRouter(Partitioner partitioner) {
        this.partitioner = partitioner;
    }

    public int partitionOf(String device) {
        return partitioner.of(device);
    }

    /** The rows of an append with their sequences. */
    public static Rows rows(Append append) {
        long[][] given = append.rowSequences();
        return given != null
                ? new Rows(append.batch(), given)
                : new Rows(append.batch(), sequences(append.batch(), append.firstSequence()));
    }

    /** The sequences that follow from the rank. */
    public static long[][] sequences(Batch batch, long firstSequence) {
        long[][] sequences = new long[batch.tables().size()][];
        long first = firstSequence;
        for (int i = 0; i < sequences.length; i++) {
            Table table = batch.tables().get(i);
            sequences[i] = BatchRows.rowSequences(table, first);
            first += table.readingCount();
        }
        return sequences;
    }

    /** Parts by ascending partition; none when there are no rows. */
    public List<RoutedRows> route(Rows rows) {
        Batch batch = rows.batch();
        int[] partitionOf = partitionsOf(batch.devices());
        int only = -1;
        boolean single = true;
        for (Table table : batch.tables()) {
            for (int device : table.runDevice()) {
                single &= only < 0 || only == partitionOf[device];
                only = partitionOf[device];
            }
        }
        if (only < 0) {
            return List.of();
        }
        return single ? List.of(new RoutedRows(only, rows, null)) : split(rows, partitionOf);
    }

    /** By index of the device. A gateway's batches share the list of their devices. */
    private int[] partitionsOf(List<Device> devices) {
        Known last = known;
        if (last.devices == devices) {
            return last.partitions;
        }
        int[] partitions = new int[devices.size()];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = partitioner.of(devices.get(i).id());
        }
        if (partitions.length > 1) {
            known = new Known(devices, partitions);
        }
        return partitions;
    }

    private List<RoutedRows> split(Rows rows, int[] partitionOf) {
        List<Table> tables = rows.batch().tables();
        boolean[] met = new boolean[partitioner.partitions()];
        int[][] ends = new int[tables.size()][];
        TableRuns[] all = new TableRuns[tables.size()];
        for (int i = 0; i < all.length; i++) {
            int[] runDevice = tables.get(i).runDevice();
            int[] next = new int[met.length + 1];
            for (int device : runDevice) {
                next[partitionOf[device] + 1]++;
                met[partitionOf[device]] = true;
            }
            for (int partition = 0; partition < met.length; partition++) {
                next[partition + 1] += next[partition];
            }
            int[] order = new int[runDevice.length];
            for (int run = 0; run < order.length; run++) {
                order[next[partitionOf[runDevice[run]]]++] = run;
            }
            ends[i] = next;
            int[] starts = TableRuns.starts(tables.get(i));
            all[i] = new TableRuns(starts, TableRuns.values(tables.get(i), starts), order, 0, order.length);
        }
        List<RoutedRows> routed = new ArrayList<>();
        for (int partition = 0; partition < met.length; partition++) {
            if (met[partition]) {
                TableRuns[] own = new TableRuns[all.length];
                for (int i = 0; i < own.length; i++) {
                    int from = partition == 0 ? 0 : ends[i][partition - 1];
                    own[i] = new TableRuns(all[i].starts(), all[i].values(), all[i].order(), from, ends[i][partition]);
                }
                routed.add(new RoutedRows(partition, rows, own));
            }
        }
        return routed;
    }
}
