package io.tributary.collector.ingest;

import io.grpc.Status;

/** The agent broke the contract of ingest.proto; its stream ends with {@link #status}. */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String cause;
    private final transient Status status;

    /** @param cause metric label, from a fixed set */
    ProtocolException(String cause, Status status) {
        super(status.getDescription());
        this.cause = cause;
        this.status = status;
    }

    static ProtocolException invalid(String cause, String message) {
        return new ProtocolException(cause, Status.INVALID_ARGUMENT.withDescription(message));
    }

    String label() {
        return cause;
    }

    Status status() {
        return status;
    }
}
