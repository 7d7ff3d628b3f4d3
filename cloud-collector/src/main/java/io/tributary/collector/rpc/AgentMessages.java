package io.tributary.collector.rpc;

import com.google.protobuf.ByteString;
import io.tributary.collector.agents.AgentStatus;
import io.tributary.collector.agents.ClockShift;
import io.tributary.collector.partition.Origin;
import io.tributary.proto.v1.AgentReport;
import io.tributary.proto.v1.AgentSummary;
import io.tributary.proto.v1.ClockCorrection;
import io.tributary.proto.v1.DeadLetter;
import io.tributary.proto.v1.DrainEstimate;
import io.tributary.proto.v1.EpochGaps;
import io.tributary.proto.v1.EvictedRange;
import io.tributary.proto.v1.GapReport;
import io.tributary.proto.v1.SequenceRange;
import java.util.List;

/** What the collector knows of agents, as messages of query.proto. Any thread. */
final class AgentMessages {
    private AgentMessages() {}

    static AgentSummary summary(io.tributary.collector.agents.AgentSummary agent) {
        AgentSummary.Builder message = QueryMessages.agent(agent).toBuilder()
                .addAllCapabilities(agent.capabilities())
                .setConnectedSinceNs(agent.connectedTimeNs());
        AgentStatus status = agent.status();
        if (status != null) {
            message.setReport(AgentReport.newBuilder()
                    .setReceivedNs(status.receivedTimeNs())
                    .setNextSequence(status.nextSequence())
                    .setOldestEventNs(status.oldestEventTimeNs())
                    .setOldestEdgeNs(status.oldestEdgeTimeNs())
                    .setOldestAgeNs(status.oldestAgeNs())
                    .setClockSynchronized(status.clockSynchronized())
                    .setClockOffsetNs(status.clockOffsetNs())
                    .setClockErrorNs(status.clockErrorNs())
                    .setFlashBytesWritten(status.flashBytesWritten())
                    .putAllRefused(status.refused()));
        }
        io.tributary.collector.agents.DrainEstimate drain = agent.drain();
        if (drain != null) {
            message.setDrain(DrainEstimate.newBuilder()
                    .setReadingsPerSecond(drain.readingsPerSecond())
                    .setSeconds(drain.seconds()));
        }
        for (ClockShift shift : agent.clockShifts()) {
            message.addClockCorrections(ClockCorrection.newBuilder()
                    .setEpoch(shift.epoch())
                    .setRange(range(shift.range()))
                    .setShiftNs(shift.shiftNs())
                    .setErrorNs(shift.errorNs())
                    .setCollectorTimeNs(shift.collectorTimeNs()));
        }
        return message.build();
    }

    static GapReport gaps(io.tributary.collector.agents.GapReport report) {
        GapReport.Builder message =
                GapReport.newBuilder().setAgent(report.agent()).setAgentQueuedReadings(report.agentQueuedReadings());
        for (io.tributary.collector.agents.EpochGaps epoch : report.epochs()) {
            EpochGaps.Builder gaps = EpochGaps.newBuilder()
                    .setEpoch(epoch.epoch())
                    .setCurrent(epoch.current())
                    .setNextSequence(epoch.nextSequence())
                    .setOldestSequence(epoch.oldestSequence())
                    .addAllReceived(ranges(epoch.received()))
                    .addAllQueued(ranges(epoch.queued()))
                    .addAllMissing(ranges(epoch.missing()));
            epoch.evicted()
                    .forEach(evicted -> gaps.addEvicted(EvictedRange.newBuilder()
                            .setRange(range(evicted.range()))
                            .setCause(evicted.cause())));
            message.addEpochs(gaps);
        }
        return message.build();
    }

    static DeadLetter letter(io.tributary.collector.storage.DeadLetter letter) {
        DeadLetter.Builder message = DeadLetter.newBuilder()
                .setId(letter.id())
                .setCollectorTimeNs(letter.timeNs())
                .setCause(letter.cause())
                .setDetail(letter.detail())
                .setReadings(letter.readings())
                .setPayload(ByteString.copyFrom(letter.payload()));
        Origin origin = letter.origin();
        if (origin != null) {
            message.setAgent(origin.agent()).setEpoch(origin.epoch());
        }
        io.tributary.model.SequenceRange range = letter.range();
        if (range != null) {
            message.setRange(range(range));
        }
        return message.build();
    }

    private static List<SequenceRange> ranges(List<io.tributary.model.SequenceRange> ranges) {
        return ranges.stream().map(AgentMessages::range).toList();
    }

    private static SequenceRange range(io.tributary.model.SequenceRange range) {
        return SequenceRange.newBuilder()
                .setFirst(range.first())
                .setCount(range.count())
                .build();
    }
}
