package io.tributary.agent.uplink;

import com.google.protobuf.UnsafeByteOperations;
import io.tributary.agent.clock.ClockCorrection;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockProbe;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Goodbye;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.Loss;
import io.tributary.proto.v1.SequenceRange;
import io.tributary.proto.v1.Status;
import io.tributary.proto.v1.Upload;

/** What the agent says, as messages of ingest.proto; the same over every uplink. Pure. */
final class AgentMessages {
    private AgentMessages() {}

    static AgentMessage.Builder hello(SessionHello hello) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setAgent(hello.agent())
                        .setEpoch(hello.epoch())
                        .setNextSequence(hello.nextSequence())
                        .setOldestSequence(hello.oldestSequence())
                        .setVersion(hello.version()));
    }

    static AgentMessage.Builder delivery(Stamped stamped, Lane lane) {
        OutboxRecord batch = stamped.record();
        ClockCorrection correction = stamped.correction();
        return AgentMessage.newBuilder()
                .setDelivery(Delivery.newBuilder()
                        .setFirstSequence(batch.firstSequence())
                        .setReadingCount(batch.batch().readings())
                        // The record is not changed any more: its bytes go out as they are.
                        .setBatch(UnsafeByteOperations.unsafeWrap(stamped.bytes()))
                        .setClockShiftNs(correction == null ? 0 : correction.shiftNs())
                        .setClockErrorNs(correction == null ? 0 : correction.errorNs())
                        .setLane(
                                lane == Lane.LIVE
                                        ? io.tributary.proto.v1.Lane.LIVE
                                        : io.tributary.proto.v1.Lane.BACKLOG));
    }

    /** @param epoch the session's */
    static AgentMessage.Builder loss(LostRange lost, long epoch) {
        return AgentMessage.newBuilder()
                .setLoss(Loss.newBuilder()
                        .setRange(SequenceRange.newBuilder()
                                .setFirst(lost.range().first())
                                .setCount(lost.range().count()))
                        .setCause(lost.cause())
                        .setEpoch(lost.epoch() == epoch ? 0 : lost.epoch()));
    }

    static AgentMessage.Builder status(AgentStatus status) {
        ClockOffset offset = status.offset();
        Status.Builder message = Status.newBuilder()
                .setNextSequence(status.outbox().nextSequence())
                .setQueuedReadings(status.outbox().queuedReadings())
                .setQueuedBytes(status.outbox().queuedBytes())
                .setOldestEventTimeNs(status.outbox().oldestEventTimeNs())
                .setOldestEdgeTimeNs(status.outbox().oldestEdgeTimeNs())
                .setClockOffsetNs(offset == null ? 0 : offset.offsetNs())
                .setClockErrorNs(offset == null ? 0 : offset.errorNs())
                .setClockSynchronized(status.clockRight())
                .setFlashBytesWritten(status.flashBytes())
                .putAllRefused(status.refused())
                .setAgentTimeNs(status.wallNs());
        AgentStatus.Upload upload = status.upload();
        if (upload != null) {
            message.setUpload(Upload.newBuilder()
                    .setPaused(upload.paused())
                    .setDayBytes(upload.dayBytes())
                    .setDayBudgetBytes(upload.dayBudgetBytes()));
        }
        return AgentMessage.newBuilder().setStatus(message);
    }

    static AgentMessage.Builder probe(long wallNs) {
        return AgentMessage.newBuilder().setClockProbe(ClockProbe.newBuilder().setT1Ns(wallNs));
    }

    static AgentMessage.Builder goodbye() {
        return AgentMessage.newBuilder().setGoodbye(Goodbye.getDefaultInstance());
    }
}
