package io.tributary.collector.ingest;

import io.tributary.collector.agents.AgentDirectory;
import io.tributary.collector.commands.Downlink;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.security.AgentGate;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.RetryAfter;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What every stream uses.
 *
 * @param collector name and {@code version} for the welcome
 * @param executor decodes and checks
 * @param ackThread sends; one thread, so that a stream's messages are never sent by two
 * @param nanoTime monotonic
 */
record IngestParts(
        IngestOptions options,
        String collector,
        String version,
        BatchWriter writer,
        AgentDirectory directory,
        Downlink downlink,
        AgentGate gate,
        DeliveryCheck check,
        WriterHealth health,
        InFlightBudget budget,
        Sessions sessions,
        Retries retries,
        RetrySlots slots,
        Map<String, SeriesLimits> limitsByAgent,
        Map<String, AgentRate> rateByAgent,
        IngestMetrics metrics,
        Executor executor,
        Executor ackThread,
        InstantSource clock,
        LongSupplier nanoTime) {

    SeriesLimits limits(String agent) {
        return limitsByAgent.computeIfAbsent(
                agent,
                unused -> new SeriesLimits(
                        options.devicesPerAgentMax(),
                        options.channelsPerDeviceMax(),
                        device -> mayWrite(agent, device)));
    }

    AgentRate rate(String agent) {
        return rateByAgent.computeIfAbsent(
                agent,
                unused -> new AgentRate(
                        options.agentReadingsPerSecondMax(),
                        options.agentBytesPerSecondMax().bytes(),
                        nanoTime.getAsLong()));
    }

    private boolean mayWrite(String agent, String device) {
        boolean allowed = gate.mayWrite(agent, device);
        if (!allowed) {
            gate.deviceRefused(agent, device);
        }
        return allowed;
    }

    CollectorMessage retryAfter(Refusal refusal) {
        metrics.retryAfter.labelValues(refusal.label()).inc();
        return CollectorMessage.newBuilder()
                .setRetryAfter(RetryAfter.newBuilder()
                        .setDelayMillis(
                                slots.next(nanoTime.getAsLong(), budget.load()).toMillis())
                        .setReason(refusal.reason()))
                .build();
    }
}
