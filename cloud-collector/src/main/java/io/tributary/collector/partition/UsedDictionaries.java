package io.tributary.collector.partition;

import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Dictionaries of batches from which rows were taken: decoders refuse more devices and channels than readings. */
public final class UsedDictionaries {
    private final Batch source;
    private final int[] deviceMap;
    private final int[] channelMap;
    private final List<Device> devices = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();

    private UsedDictionaries(Batch source) {
        this.source = source;
        this.deviceMap = new int[source.devices().size()];
        this.channelMap = new int[source.channels().size()];
        Arrays.fill(deviceMap, -1);
        Arrays.fill(channelMap, -1);
    }

    /** The same rows with no device and channel but theirs. */
    public static Batch of(Batch batch) {
        UsedDictionaries used = new UsedDictionaries(batch);
        List<Table> tables = new ArrayList<>(batch.tables().size());
        for (Table table : batch.tables()) {
            tables.add(used.table(table));
        }
        return new Batch(used.devices, used.channels, tables);
    }

    private Table table(Table table) {
        int[] runDevice = table.runDevice().clone();
        for (int i = 0; i < runDevice.length; i++) {
            if (deviceMap[runDevice[i]] < 0) {
                deviceMap[runDevice[i]] = devices.size();
                devices.add(source.devices().get(runDevice[i]));
            }
            runDevice[i] = deviceMap[runDevice[i]];
        }
        int[] mapped = table.channels().clone();
        for (int i = 0; i < mapped.length; i++) {
            if (channelMap[mapped[i]] < 0) {
                channelMap[mapped[i]] = channels.size();
                channels.add(source.channels().get(mapped[i]));
            }
            mapped[i] = channelMap[mapped[i]];
        }
        return new Table(
                table.rows(),
                runDevice,
                table.runLength(),
                table.eventTimes(),
                table.edgeTimes(),
                mapped,
                table.columns());
    }
}
