package io.tributary.agent.outbox;

/** The outbox is at its limit and its policy is to refuse what is new; nothing was written. */
public final class OutboxFullException extends Exception {
    private static final long serialVersionUID = 1L;

    OutboxFullException(String message) {
        super(message);
    }
}
