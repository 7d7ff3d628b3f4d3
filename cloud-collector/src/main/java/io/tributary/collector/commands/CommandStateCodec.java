package io.tributary.collector.commands;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.proto.v1.Command;
import io.tributary.proto.v1.CommandState;
import io.tributary.proto.v1.ConfigState;
import io.tributary.proto.v1.DesiredConfig;
import io.tributary.proto.v1.DevicePublish;
import io.tributary.proto.v1.OpcUaWrite;

/** Commands and configurations and their bytes (command_state.proto). */
final class CommandStateCodec {
    private CommandStateCodec() {}

    static byte[] encode(CommandEntry entry) {
        CommandState.Builder state = CommandState.newBuilder()
                .setCommand(command(entry))
                .setAgent(entry.agent())
                .setBy(entry.by())
                .setCreatedTimeNs(entry.createdNs())
                .setSentTimeNs(entry.sentNs());
        CommandResult result = entry.result();
        if (result != null) {
            state.setResult(io.tributary.proto.v1.CommandResult.newBuilder()
                            .setId(entry.id())
                            .setOutcome(result.outcome())
                            .setDetail(result.detail())
                            .setTimeNs(result.agentTimeNs()))
                    .setResultTimeNs(result.timeNs());
        }
        return state.build().toByteArray();
    }

    private static Command command(CommandEntry entry) {
        Command.Builder command = Command.newBuilder().setId(entry.id()).setExpiresTimeNs(entry.expiresNs());
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
            command.setAgentAction(
                    io.tributary.proto.v1.AgentAction.newBuilder().setName(own.name()));
        }
        return command.build();
    }

    static CommandEntry decodeCommand(byte[] bytes) throws InvalidProtocolBufferException {
        CommandState state = CommandState.parseFrom(bytes);
        CommandResult result = state.hasResult()
                ? new CommandResult(
                        state.getResult().getOutcome(),
                        state.getResult().getDetail(),
                        state.getResult().getTimeNs(),
                        state.getResultTimeNs())
                : null;
        return new CommandEntry(
                state.getAgent(),
                state.getCommand().getId(),
                action(state.getCommand()),
                state.getBy(),
                state.getCreatedTimeNs(),
                state.getCommand().getExpiresTimeNs(),
                state.getSentTimeNs(),
                result);
    }

    private static CommandAction action(Command command) throws InvalidProtocolBufferException {
        if (command.hasDevicePublish()) {
            DevicePublish publish = command.getDevicePublish();
            return new CommandAction.DevicePublish(
                    publish.getSource(),
                    publish.getDevice(),
                    publish.getTopic(),
                    publish.getPayload().toByteArray());
        } else if (command.hasOpcUaWrite()) {
            OpcUaWrite write = command.getOpcUaWrite();
            return new CommandAction.OpcUaWrite(write.getSource(), write.getNode(), write.getValue());
        } else if (command.hasAgentAction()) {
            return new CommandAction.AgentAction(command.getAgentAction().getName());
        }
        throw new InvalidProtocolBufferException("command " + command.getId() + " has no action");
    }

    static byte[] encode(ConfigEntry entry) {
        ConfigState.Builder state = ConfigState.newBuilder()
                .setDesired(
                        DesiredConfig.newBuilder().setVersion(entry.version()).setYaml(entry.yaml()))
                .setBy(entry.by())
                .setDesiredTimeNs(entry.desiredNs());
        ConfigReport report = entry.report();
        if (report != null) {
            state.setReport(io.tributary.proto.v1.ConfigReport.newBuilder()
                            .setVersion(report.version())
                            .setApplied(report.applied())
                            .addAllReasons(report.reasons())
                            .setAppliedVersion(report.appliedVersion())
                            .setTimeNs(report.agentTimeNs()))
                    .setReportTimeNs(report.timeNs());
        }
        return state.build().toByteArray();
    }

    static ConfigEntry decodeConfig(String agent, byte[] bytes) throws InvalidProtocolBufferException {
        ConfigState state = ConfigState.parseFrom(bytes);
        ConfigReport report = state.hasReport()
                ? new ConfigReport(
                        state.getReport().getVersion(),
                        state.getReport().getApplied(),
                        state.getReport().getReasonsList(),
                        state.getReport().getAppliedVersion(),
                        state.getReport().getTimeNs(),
                        state.getReportTimeNs())
                : null;
        return new ConfigEntry(
                agent,
                state.getDesired().getVersion(),
                state.getDesired().getYaml(),
                state.getBy(),
                state.getDesiredTimeNs(),
                report);
    }
}
