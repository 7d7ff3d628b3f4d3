package io.tributary.collector.rpc;

import io.tributary.collector.agents.Account;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.query.ReadingRow;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import io.tributary.proto.v1.AgentSummary;
import io.tributary.proto.v1.ChannelDetail;
import io.tributary.proto.v1.DeviceDetail;
import io.tributary.proto.v1.DeviceSummary;
import io.tributary.proto.v1.LatestReading;
import io.tributary.proto.v1.SchemaChange;

/** What the collector knows as protobuf messages. */
final class QueryMessages {
    private QueryMessages() {}

    static io.tributary.proto.v1.Channel channel(Channel channel) {
        return io.tributary.proto.v1.Channel.newBuilder()
                .setName(channel.name())
                .setType(type(channel.type()))
                .setUnit(channel.unit())
                .build();
    }

    private static io.tributary.proto.v1.ValueType type(ValueType type) {
        return switch (type) {
            case DOUBLE -> io.tributary.proto.v1.ValueType.DOUBLE;
            case LONG -> io.tributary.proto.v1.ValueType.LONG;
            case BOOL -> io.tributary.proto.v1.ValueType.BOOL;
            case STRING -> io.tributary.proto.v1.ValueType.STRING;
        };
    }

    static DeviceSummary device(DeviceEntry device) {
        return DeviceSummary.newBuilder()
                .setId(device.id())
                .putAllTags(device.tags())
                .setFirstEventTimeNs(device.firstEventTimeNs())
                .setLastEventTimeNs(device.lastEventTimeNs())
                .build();
    }

    static DeviceDetail device(io.tributary.collector.catalog.DeviceDetail detail) {
        DeviceDetail.Builder message = DeviceDetail.newBuilder().setSummary(device(detail.device()));
        for (ChannelEntry entry : detail.channels()) {
            ChannelDetail.Builder channel = ChannelDetail.newBuilder()
                    .setChannel(channel(entry.channel()))
                    .setFirstEventTimeNs(entry.firstEventTimeNs())
                    .setLastEventTimeNs(entry.lastEventTimeNs());
            for (io.tributary.collector.catalog.SchemaChange change : entry.history()) {
                channel.addHistory(SchemaChange.newBuilder()
                        .setCollectorTimeNs(change.collectorTimeNs())
                        .setType(type(change.type()))
                        .setUnit(change.unit()));
            }
            message.addChannels(channel);
        }
        return message.build();
    }

    static LatestReading latest(ReadingRow row) {
        LatestReading.Builder message = LatestReading.newBuilder()
                .setDevice(row.device())
                .setChannel(channel(row.channel()))
                .setEventTimeNs(row.eventTimeNs())
                .setEdgeTimeNs(row.edgeTimeNs())
                .setCollectorTimeNs(row.collectorTimeNs())
                .setQuality(row.quality());
        switch (row.channel().type()) {
            case DOUBLE -> message.setDoubleValue(row.doubleValue());
            case LONG -> message.setLongValue(row.longValue());
            case BOOL -> message.setBoolValue(row.boolValue());
            case STRING -> message.setStringValue(row.stringValue());
        }
        return message.build();
    }

    static AgentSummary agent(io.tributary.collector.agents.AgentSummary agent) {
        Account account = agent.account();
        AgentSummary.Builder message = AgentSummary.newBuilder()
                .setAgent(agent.id())
                .setEpoch(agent.epoch())
                .setAccepted(account.accepted())
                .setReceived(account.received())
                .setStored(account.stored())
                .setDuplicate(account.duplicate())
                .setReplaced(account.replaced())
                .setExpired(account.expired())
                .setErased(account.erased())
                .setQueued(account.queued())
                .setMissing(account.missing())
                .putAllRejected(account.rejected())
                .putAllEvicted(account.evicted())
                .setRedelivered(account.redelivered())
                .setConnected(agent.connected())
                .setAddress(agent.address())
                .setVersion(agent.version())
                .setFirstSeenNs(agent.firstSeenTimeNs())
                .setLastSeenNs(agent.lastSeenTimeNs());
        if (agent.status() != null) {
            message.setQueuedReadings(agent.status().queuedReadings())
                    .setQueuedBytes(agent.status().queuedBytes());
        }
        return message.build();
    }
}
