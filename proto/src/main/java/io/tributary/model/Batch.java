package io.tributary.model;

import java.util.List;

/**
 * Many readings, columnar. A reading is one present value; its sequence is the batch's first sequence plus its rank in
 * table, row, column order.
 */
public record Batch(List<Device> devices, List<Channel> channels, List<Table> tables) {
    public Batch {
        devices = List.copyOf(devices);
        channels = List.copyOf(channels);
        tables = List.copyOf(tables);
        for (Table table : tables) {
            for (int device : table.runDevice()) {
                if (device < 0 || device >= devices.size()) {
                    throw new IllegalArgumentException(
                            "run of device index " + device + ", expected below " + devices.size());
                }
            }
            for (int i = 0; i < table.channels().length; i++) {
                int channel = table.channels()[i];
                if (channel < 0 || channel >= channels.size()) {
                    throw new IllegalArgumentException(
                            "column of channel index " + channel + ", expected below " + channels.size());
                }
                if (channels.get(channel).type() != table.columns()[i].type()) {
                    throw new IllegalArgumentException(
                            "channel " + channels.get(channel) + " with a column of " + table.columns()[i].type());
                }
            }
        }
    }

    /**
     * One reading, without edge time: the intake stamps it.
     *
     * @param eventTimeNs ns since the epoch, or {@link Table#STAMP_ON_ARRIVAL}
     * @param value a column of one present value, of the channel's type
     */
    public static Batch of(Device device, long eventTimeNs, Channel channel, Column value) {
        if (value.size() != 1 || value.presence() != null) {
            throw new IllegalArgumentException("a column of " + value.size() + " values, expected one in one row");
        }
        return new Batch(
                List.of(device),
                List.of(channel),
                List.of(new Table(
                        1,
                        new int[] {0},
                        new int[] {1},
                        new long[] {eventTimeNs},
                        new long[1],
                        new int[] {0},
                        new Column[] {value})));
    }

    /** Present values in all tables. */
    public long readingCount() {
        long count = 0;
        for (Table table : tables) {
            count += table.readingCount();
        }
        return count;
    }
}
