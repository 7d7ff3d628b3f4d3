package io.tributary.collector.agents;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.AgentState;
import io.tributary.proto.v1.EpochState;
import io.tributary.proto.v1.Status;
import io.tributary.proto.v1.Upload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A saved agent and its bytes (agent_state.proto). */
final class AgentStateCodec {
    private AgentStateCodec() {}

    static byte[] encode(AgentRecord.Saved saved) {
        AgentState.Builder state = AgentState.newBuilder()
                .setVersion(saved.version())
                .addAllCapabilities(saved.capabilities())
                .setAddress(saved.address())
                .setFirstSeenTimeNs(saved.firstSeenTimeNs())
                .setLastSeenTimeNs(saved.lastSeenTimeNs());
        for (AgentRecord.EpochState epoch : saved.epochs()) {
            state.addEpochs(EpochState.newBuilder()
                    .setEpoch(epoch.epoch)
                    .setNextSequence(epoch.nextSequence)
                    .setOldestSequence(epoch.oldestSequence)
                    .setVersion(epoch.version)
                    .setFirstSeenTimeNs(epoch.firstSeenTimeNs)
                    .setLastSeenTimeNs(epoch.lastSeenTimeNs));
        }
        for (ClockShift shift : saved.clockShifts()) {
            state.addClockShifts(io.tributary.proto.v1.ClockShift.newBuilder()
                    .setEpoch(shift.epoch())
                    .setRange(io.tributary.proto.v1.SequenceRange.newBuilder()
                            .setFirst(shift.range().first())
                            .setCount(shift.range().count()))
                    .setShiftNs(shift.shiftNs())
                    .setErrorNs(shift.errorNs())
                    .setCollectorTimeNs(shift.collectorTimeNs()));
        }
        AgentStatus status = saved.status();
        if (status != null) {
            state.setStatus(encode(status)).setStatusTimeNs(status.receivedTimeNs());
        }
        return state.build().toByteArray();
    }

    static AgentRecord.Saved decode(byte[] bytes) throws InvalidProtocolBufferException {
        AgentState state = AgentState.parseFrom(bytes);
        List<AgentRecord.EpochState> epochs = new ArrayList<>();
        for (EpochState saved : state.getEpochsList()) {
            AgentRecord.EpochState epoch = new AgentRecord.EpochState(saved.getEpoch());
            epoch.nextSequence = saved.getNextSequence();
            epoch.oldestSequence = saved.getOldestSequence();
            epoch.version = saved.getVersion();
            epoch.firstSeenTimeNs = saved.getFirstSeenTimeNs();
            epoch.lastSeenTimeNs = saved.getLastSeenTimeNs();
            epochs.add(epoch);
        }
        @Nullable AgentStatus status = state.hasStatus() ? decode(state.getStatus(), state.getStatusTimeNs()) : null;
        return new AgentRecord.Saved(
                state.getVersion(),
                List.copyOf(state.getCapabilitiesList()),
                state.getAddress(),
                state.getFirstSeenTimeNs(),
                state.getLastSeenTimeNs(),
                epochs,
                status,
                state.getClockShiftsList().stream()
                        .map(shift -> new ClockShift(
                                shift.getEpoch(),
                                new SequenceRange(
                                        shift.getRange().getFirst(),
                                        shift.getRange().getCount()),
                                shift.getShiftNs(),
                                shift.getErrorNs(),
                                shift.getCollectorTimeNs()))
                        .toList());
    }

    private static Status encode(AgentStatus status) {
        Status.Builder message = Status.newBuilder()
                .setNextSequence(status.nextSequence())
                .setQueuedReadings(status.queuedReadings())
                .setQueuedBytes(status.queuedBytes())
                .setOldestEventTimeNs(status.oldestEventTimeNs())
                .setOldestEdgeTimeNs(status.oldestEdgeTimeNs())
                .setClockSynchronized(status.clockSynchronized())
                .setClockOffsetNs(status.clockOffsetNs())
                .setClockErrorNs(status.clockErrorNs())
                .setFlashBytesWritten(status.flashBytesWritten())
                .putAllRefused(status.refused())
                .setAgentTimeNs(status.agentTimeNs());
        AgentStatus.Upload upload = status.upload();
        if (upload != null) {
            message.setUpload(Upload.newBuilder()
                    .setPaused(upload.paused())
                    .setDayBytes(upload.dayBytes())
                    .setDayBudgetBytes(upload.dayBudgetBytes()));
        }
        return message.build();
    }

    private static AgentStatus decode(Status status, long receivedTimeNs) {
        return new AgentStatus(
                receivedTimeNs,
                status.getNextSequence(),
                status.getQueuedReadings(),
                status.getQueuedBytes(),
                status.getOldestEventTimeNs(),
                status.getOldestEdgeTimeNs(),
                status.getClockSynchronized(),
                status.getClockOffsetNs(),
                status.getClockErrorNs(),
                status.getFlashBytesWritten(),
                status.getRefusedMap(),
                status.getAgentTimeNs(),
                status.hasUpload()
                        ? new AgentStatus.Upload(
                                status.getUpload().getPaused(),
                                status.getUpload().getDayBytes(),
                                status.getUpload().getDayBudgetBytes())
                        : null);
    }
}
