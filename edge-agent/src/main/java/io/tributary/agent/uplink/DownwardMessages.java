package io.tributary.agent.uplink;

import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.Command;

/** Commands and what is said about them, as messages of ingest.proto. */
final class DownwardMessages {
    private DownwardMessages() {}

    static AgentCommand command(Command message) {
        AgentCommand.Action action = switch (message.getActionCase()) {
            case DEVICE_PUBLISH ->
                new AgentCommand.ToSource(
                        message.getDevicePublish().getSource(),
                        new DeviceCommand.Publish(
                                message.getDevicePublish().getDevice(),
                                message.getDevicePublish().getTopic(),
                                message.getDevicePublish().getPayload().toByteArray()));
            case OPC_UA_WRITE ->
                new AgentCommand.ToSource(
                        message.getOpcUaWrite().getSource(),
                        new DeviceCommand.Write(
                                message.getOpcUaWrite().getNode(),
                                message.getOpcUaWrite().getValue()));
            case AGENT_ACTION ->
                new AgentCommand.ToAgent(message.getAgentAction().getName());
            case ACTION_NOT_SET -> new AgentCommand.Unknown();
        };
        return new AgentCommand(message.getId(), message.getTimeNs(), message.getExpiresTimeNs(), action);
    }

    static AgentMessage.Builder message(CommandResult result) {
        return AgentMessage.newBuilder()
                .setCommandResult(io.tributary.proto.v1.CommandResult.newBuilder()
                        .setId(result.id())
                        .setOutcome(result.outcome().word())
                        .setDetail(result.detail())
                        .setTimeNs(result.timeNs()));
    }

    static AgentMessage.Builder message(ConfigReport report) {
        return AgentMessage.newBuilder()
                .setConfigReport(io.tributary.proto.v1.ConfigReport.newBuilder()
                        .setVersion(report.version())
                        .setApplied(report.applied())
                        .addAllReasons(report.reasons())
                        .setAppliedVersion(report.appliedVersion())
                        .setTimeNs(report.timeNs()));
    }
}
