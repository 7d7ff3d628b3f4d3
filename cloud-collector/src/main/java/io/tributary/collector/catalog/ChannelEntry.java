package io.tributary.collector.catalog;

import io.tributary.model.Channel;
import java.util.List;

/**
 * A channel of a device, as its latest reading by collector time describes it.
 *
 * @param firstEventTimeNs over all types the channel had
 * @param history oldest first, at least one entry; the last one is current. Bounded: the oldest changes but the first
 *     are forgotten
 */
public record ChannelEntry(Channel channel, long firstEventTimeNs, long lastEventTimeNs, List<SchemaChange> history) {
    public ChannelEntry {
        history = List.copyOf(history);
    }
}
