package io.tributary.agent.outbox;

/** The outbox could not be read or written; trying again later may help. */
public final class OutboxException extends Exception {
    private static final long serialVersionUID = 1L;

    public OutboxException(String message, Throwable cause) {
        super(message, cause);
    }

    public OutboxException(String message) {
        super(message);
    }
}
