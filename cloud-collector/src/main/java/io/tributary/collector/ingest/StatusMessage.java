package io.tributary.collector.ingest;

import io.tributary.collector.agents.AgentStatus;
import io.tributary.proto.v1.Status;
import io.tributary.proto.v1.Upload;
import java.util.Map;
import java.util.TreeMap;

/** Status messages as the directory's record. Pure. */
final class StatusMessage {
    /** Causes of refusal are a handful of words; what is beyond is summed as "other". */
    private static final int CAUSES_MAX = 64;

    private StatusMessage() {}

    static AgentStatus read(Status status, long receivedTimeNs) {
        Map<String, Long> refused = new TreeMap<>();
        status.getRefusedMap().forEach((cause, count) -> {
            String word = refused.size() < CAUSES_MAX ? Causes.told(cause) : "other";
            refused.merge(word, Math.max(0, count), Long::sum);
        });
        return new AgentStatus(
                receivedTimeNs,
                status.getNextSequence(),
                Math.max(0, status.getQueuedReadings()),
                Math.max(0, status.getQueuedBytes()),
                status.getOldestEventTimeNs(),
                status.getOldestEdgeTimeNs(),
                status.getClockSynchronized(),
                status.getClockOffsetNs(),
                Math.max(0, status.getClockErrorNs()),
                Math.max(0, status.getFlashBytesWritten()),
                refused,
                status.getAgentTimeNs(),
                status.hasUpload() ? upload(status.getUpload()) : null);
    }

    private static AgentStatus.Upload upload(Upload upload) {
        return new AgentStatus.Upload(
                upload.getPaused(), Math.max(0, upload.getDayBytes()), Math.max(0, upload.getDayBudgetBytes()));
    }
}
