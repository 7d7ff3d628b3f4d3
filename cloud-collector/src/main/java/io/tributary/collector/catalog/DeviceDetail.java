package io.tributary.collector.catalog;

import java.util.List;

/** A device with its channels, sorted by name. */
public record DeviceDetail(DeviceEntry device, List<ChannelEntry> channels) {
    public DeviceDetail {
        channels = List.copyOf(channels);
    }
}
