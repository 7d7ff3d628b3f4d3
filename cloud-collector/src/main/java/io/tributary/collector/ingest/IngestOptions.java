package io.tributary.collector.ingest;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.model.BatchLimits;
import java.time.Duration;

/**
 * Section {@code ingest} of the configuration.
 *
 * @param threads decode and check deliveries
 * @param agentsMax sessions at a time; one more is told when to come back
 * @param batchBytesMax one encoded batch; told to the agent at its hello
 * @param bodyBytesMax one batch, decompressed
 * @param readingsMax readings in one batch
 * @param stringBytesMax one text value
 * @param agentInFlightMax bytes of deliveries that one agent may have unacknowledged: its credit at most
 * @param inFlightMax memory of deliveries between arrival and durability, over all agents
 * @param agentReadingsPerSecondMax of one agent; what it sends beyond waits. 0: no limit
 * @param agentBytesPerSecondMax encoded bytes of batches of one agent. 0: no limit
 * @param futureTolerance event times further than this ahead of the collector's clock go to the dead letters
 * @param devicesPerAgentMax devices that one agent may bring between two starts of the collector
 * @param channelsPerDeviceMax channels of one device
 * @param helloTimeout from the opened stream to its hello
 * @param silenceMax a stream without any message is closed after this long
 * @param retryBase an agent that is turned away comes back after this long at the earliest
 * @param retryAgentsPerSecond pace at which agents that were turned away come back
 * @param retryMax and after this long at the latest
 * @param drainTimeout at shutdown, time for what is in flight to become durable and acknowledged
 */
public record IngestOptions(
        @Default("2") int threads,
        @Default("1000") int agentsMax,
        @Default("4MiB") ByteSize batchBytesMax,
        @Default("32MiB") ByteSize bodyBytesMax,
        @Default("1000000") int readingsMax,
        @Default("64KiB") ByteSize stringBytesMax,
        @Default("8MiB") ByteSize agentInFlightMax,
        @Default("64MiB") ByteSize inFlightMax,
        @Default("0") long agentReadingsPerSecondMax,
        @Default("0B") ByteSize agentBytesPerSecondMax,
        @Default("1h") Duration futureTolerance,
        @Default("100000") int devicesPerAgentMax,
        @Default("10000") int channelsPerDeviceMax,
        @Default("10s") Duration helloTimeout,
        @Default("60s") Duration silenceMax,
        @Default("1s") Duration retryBase,
        @Default("100") int retryAgentsPerSecond,
        @Default("60s") Duration retryMax,
        @Default("10s") Duration drainTimeout) {
    /** What a delivery may weigh beside its batch: field tags, sequence, lane, count. */
    private static final int DELIVERY_OVERHEAD_BYTES = 1 << 10;

    public IngestOptions {
        atLeastOne("threads", threads);
        atLeastOne("agents-max", agentsMax);
        between("batch-bytes-max", batchBytesMax, 64 << 10, 256 << 20);
        between("body-bytes-max", bodyBytesMax, batchBytesMax.bytes(), 1 << 30);
        atLeastOne("readings-max", readingsMax);
        between("string-bytes-max", stringBytesMax, 1, bodyBytesMax.bytes());
        between("agent-in-flight-max", agentInFlightMax, batchBytesMax.bytes(), Long.MAX_VALUE);
        between("in-flight-max", inFlightMax, agentInFlightMax.bytes(), Long.MAX_VALUE);
        if (agentReadingsPerSecondMax < 0) {
            throw new IllegalArgumentException(
                    "agent-readings-per-second-max is " + agentReadingsPerSecondMax + ", expected 0 or more");
        }
        atLeastOne("devices-per-agent-max", devicesPerAgentMax);
        atLeastOne("channels-per-device-max", channelsPerDeviceMax);
        positive("future-tolerance", futureTolerance);
        positive("hello-timeout", helloTimeout);
        positive("silence-max", silenceMax);
        positive("retry-base", retryBase);
        atLeastOne("retry-agents-per-second", retryAgentsPerSecond);
        if (retryMax.compareTo(retryBase) < 0) {
            throw new IllegalArgumentException(
                    "retry-max is " + retryMax + ", expected at least retry-base, " + retryBase);
        }
        positive("drain-timeout", drainTimeout);
    }

    public BatchLimits batchLimits() {
        return new BatchLimits(
                (int) batchBytesMax.bytes(), (int) bodyBytesMax.bytes(), readingsMax, (int) stringBytesMax.bytes());
    }

    /** For the gRPC server: what is larger ends its stream before it is read. */
    public int messageBytesMax() {
        return (int) batchBytesMax.bytes() + DELIVERY_OVERHEAD_BYTES;
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ", expected at least 1");
        }
    }

    private static void between(String key, ByteSize value, long min, long max) {
        if (value.bytes() < min || value.bytes() > max) {
            throw new IllegalArgumentException(
                    key + " is " + value.bytes() + " bytes, expected " + min + " to " + max + " bytes");
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " is " + value + ", expected more than 0");
        }
    }
}
