package io.tributary.agent.outbox;

/** The outbox could not be read or written. */
public final class OutboxException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean damaged;

    public OutboxException(String message, Throwable cause) {
        super(message, cause);
        this.damaged = false;
    }

    public OutboxException(String message) {
        this(message, false);
    }

    OutboxException(String message, boolean damaged) {
        super(message);
        this.damaged = damaged;
    }

    OutboxException(String message, Throwable cause, boolean damaged) {
        super(message, cause);
        this.damaged = damaged;
    }

    /** True when what is on disk is not what was written, which trying again does not help; else it may. */
    public boolean isDamage() {
        return damaged;
    }
}
