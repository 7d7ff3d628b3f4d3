package io.tributary.collector.ingest;

import com.google.protobuf.ByteString;
import io.tributary.collector.commands.AgentPort;
import io.tributary.collector.commands.CommandAction;
import io.tributary.collector.commands.CommandEntry;
import io.tributary.collector.commands.ConfigEntry;
import io.tributary.collector.commands.ConfigReport;
import io.tributary.proto.v1.AgentAction;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Command;
import io.tributary.proto.v1.CommandResult;
import io.tributary.proto.v1.DesiredConfig;
import io.tributary.proto.v1.DevicePublish;
import io.tributary.proto.v1.OpcUaWrite;
import java.time.InstantSource;

/** Commands and desired configurations, as messages of one session. */
final class DownwardMessages implements AgentPort {
    private final Outbound outbound;
    private final InstantSource clock;

    DownwardMessages(Outbound outbound, InstantSource clock) {
        this.outbound = outbound;
        this.clock = clock;
    }

    @Override
    public void command(CommandEntry entry) {
        outbound.sendOrder(() -> message(entry, EpochNanos.of(clock.instant())));
    }

    @Override
    public void desiredConfig(ConfigEntry config) {
        outbound.sendOrder(() -> CollectorMessage.newBuilder()
                .setDesiredConfig(
                        DesiredConfig.newBuilder().setVersion(config.version()).setYaml(config.yaml()))
                .build());
    }

    /** @param nowNs when it is sent, for the agent to count from */
    private static CollectorMessage message(CommandEntry entry, long nowNs) {
        Command.Builder command =
                Command.newBuilder().setId(entry.id()).setTimeNs(nowNs).setExpiresTimeNs(entry.expiresNs());
        CommandAction action = entry.action();
        if (action instanceof CommandAction.DevicePublish publish) {
            command.setDevicePublish(DevicePublish.newBuilder()
                    .setSource(publish.source())
                    .setDevice(publish.device())
                    .setTopic(publish.topic())
                    .setPayload(ByteString.copyFrom(publish.payload())));
        } else if (action instanceof CommandAction.OpcUaWrite write) {
            command.setOpcUaWrite(OpcUaWrite.newBuilder()
                    .setSource(write.source())
                    .setNode(write.node())
                    .setValue(write.value()));
        } else if (action instanceof CommandAction.AgentAction own) {
            command.setAgentAction(AgentAction.newBuilder().setName(own.name()));
        }
        return CollectorMessage.newBuilder().setCommand(command).build();
    }

    /** A command's result or a configuration's report. */
    static void heard(IngestParts parts, String agent, AgentMessage message) {
        if (message.hasCommandResult()) {
            CommandResult result = message.getCommandResult();
            parts.downlink().result(agent, result.getId(), result.getOutcome(), result.getDetail(), result.getTimeNs());
        } else {
            parts.downlink()
                    .report(
                            agent,
                            report(
                                    message.getConfigReport(),
                                    EpochNanos.of(parts.clock().instant())));
        }
    }

    private static ConfigReport report(io.tributary.proto.v1.ConfigReport message, long nowNs) {
        return new ConfigReport(
                message.getVersion(),
                message.getApplied(),
                message.getReasonsList(),
                message.getAppliedVersion(),
                message.getTimeNs(),
                nowNs);
    }
}
