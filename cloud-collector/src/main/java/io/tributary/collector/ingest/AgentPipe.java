package io.tributary.collector.ingest;

import io.grpc.Status;
import io.tributary.proto.v1.CollectorMessage;

/**
 * The way to one agent under an {@link AgentCall}: a gRPC stream, or topics of an MQTT broker. {@link #send} and the ends
 * are called on the {@code ingest-ack} thread only, {@link #request} on any; none may block.
 */
public interface AgentPipe {
    /** False while what was sent still waits; {@link AgentCall#ready} tells when it changes. */
    boolean isReady();

    void send(CollectorMessage message);

    /** The agent's next message may come; the one before it has been handed to the writer or dealt with. */
    void request();

    /** Nothing more is said. The last call, or {@link #fail} is. */
    void complete();

    /** @param why as a gRPC stream would be told */
    void fail(Status why);

    /**
     * Bytes of deliveries that may come unacknowledged.
     *
     * @param grantedBytes most that this collector has granted in the session
     * @param configuredBytes most that any collector with this configuration grants
     */
    default long inFlightMax(long grantedBytes, long configuredBytes) {
        return grantedBytes;
    }
}
