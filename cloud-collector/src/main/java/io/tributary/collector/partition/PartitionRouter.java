package io.tributary.collector.partition;

import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchRows;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits appends by partition. An append of devices of one partition keeps its bytes; otherwise each partition gets a
 * batch of its own, encoded here, on the caller's thread, so that the committer only writes. Any thread.
 */
public final class PartitionRouter {
    private final Partitioner partitioner;

    public PartitionRouter(Partitioner partitioner) {
        this.partitioner = partitioner;
    }

    public int partitionOf(String device) {
        return partitioner.of(device);
    }

    /** Parts by ascending partition; none when there are no rows. */
    public List<RoutedRows> route(Append append) {
        boolean ranked = append.rowSequences() == null;
        return route(rows(append), append.firstSequence(), ranked, append.encoded());
    }

    /** As {@link #route(Append)}, of rows that were left when others were cut out. */
    public List<RoutedRows> route(Rows rows, long firstSequence) {
        return route(rows, firstSequence, false, null);
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

    private List<RoutedRows> route(Rows rows, long firstSequence, boolean ranked, byte @Nullable [] encoded) {
        Batch batch = rows.batch();
        int[] partitionOf = new int[batch.devices().size()];
        Arrays.fill(partitionOf, -1);
        int only = -1;
        boolean single = true;
        for (Table table : batch.tables()) {
            for (int device : table.runDevice()) {
                if (partitionOf[device] < 0) {
                    partitionOf[device] =
                            partitioner.of(batch.devices().get(device).id());
                    single &= only < 0 || only == partitionOf[device];
                    only = partitionOf[device];
                }
            }
        }
        if (only < 0) {
            return List.of();
        }
        if (single && encoded != null) {
            return List.of(new RoutedRows(only, rows, encoded, ranked, firstSequence, batch.readingCount()));
        }
        // Rows that were picked from a batch need dictionaries of their own: decoders refuse more than fits the
        // readings.
        return split(rows, partitionOf, firstSequence);
    }

    private List<RoutedRows> split(Rows rows, int[] partitionOf, long firstSequence) {
        Part[] parts = new Part[partitioner.partitions()];
        for (int i = 0; i < rows.batch().tables().size(); i++) {
            Table table = rows.batch().tables().get(i);
            int[] count = new int[parts.length];
            for (int run = 0; run < table.runDevice().length; run++) {
                count[partitionOf[table.runDevice()[run]]] += table.runLength()[run];
            }
            int[][] picked = new int[parts.length][];
            int row = 0;
            int[] next = new int[parts.length];
            for (int run = 0; run < table.runDevice().length; run++) {
                int partition = partitionOf[table.runDevice()[run]];
                if (picked[partition] == null) {
                    picked[partition] = new int[count[partition]];
                }
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    picked[partition][next[partition]++] = row;
                }
            }
            for (int partition = 0; partition < parts.length; partition++) {
                if (count[partition] > 0) {
                    if (parts[partition] == null) {
                        parts[partition] = new Part(rows.batch());
                    }
                    parts[partition].add(table, rows.sequences()[i], picked[partition]);
                }
            }
        }
        List<RoutedRows> routed = new ArrayList<>();
        for (int partition = 0; partition < parts.length; partition++) {
            if (parts[partition] != null) {
                Rows part = parts[partition].build();
                routed.add(new RoutedRows(
                        partition,
                        part,
                        BatchCodec.encode(part.batch()),
                        false,
                        firstSequence,
                        part.batch().readingCount()));
            }
        }
        return routed;
    }

    /** The rows of one partition, with dictionaries of their own. */
    private static final class Part {
        private final Batch source;
        private final int[] deviceMap;
        private final int[] channelMap;
        private final List<Device> devices = new ArrayList<>();
        private final List<Channel> channels = new ArrayList<>();
        private final List<Table> tables = new ArrayList<>();
        private final List<long[]> sequences = new ArrayList<>();

        Part(Batch source) {
            this.source = source;
            this.deviceMap = new int[source.devices().size()];
            this.channelMap = new int[source.channels().size()];
            Arrays.fill(deviceMap, -1);
            Arrays.fill(channelMap, -1);
        }

        void add(Table table, long[] rowSequences, int[] rows) {
            boolean all = rows.length == table.rows();
            Table picked = all ? table : BatchRows.selectRows(table, rows);
            long[] pickedSequences = new long[rows.length];
            for (int i = 0; i < rows.length; i++) {
                pickedSequences[i] = rowSequences[rows[i]];
            }
            int[] runDevice = picked.runDevice().clone();
            for (int i = 0; i < runDevice.length; i++) {
                if (deviceMap[runDevice[i]] < 0) {
                    deviceMap[runDevice[i]] = devices.size();
                    devices.add(source.devices().get(runDevice[i]));
                }
                runDevice[i] = deviceMap[runDevice[i]];
            }
            int[] mapped = picked.channels().clone();
            for (int i = 0; i < mapped.length; i++) {
                if (channelMap[mapped[i]] < 0) {
                    channelMap[mapped[i]] = channels.size();
                    channels.add(source.channels().get(mapped[i]));
                }
                mapped[i] = channelMap[mapped[i]];
            }
            Column[] columns = picked.columns();
            tables.add(new Table(
                    rows.length,
                    runDevice,
                    picked.runLength(),
                    picked.eventTimes(),
                    picked.edgeTimes(),
                    mapped,
                    columns));
            sequences.add(pickedSequences);
        }

        Rows build() {
            return new Rows(new Batch(devices, channels, tables), sequences.toArray(long[][]::new));
        }
    }
}
