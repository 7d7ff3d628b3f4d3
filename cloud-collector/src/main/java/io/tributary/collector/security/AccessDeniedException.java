package io.tributary.collector.security;

/** Refused. The message may be shown to whoever asked: it repeats no secret and tells nothing of others. */
public final class AccessDeniedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String label;

    /** @param label a word of a fixed set, for metrics and the audit log */
    public AccessDeniedException(String label, String message) {
        super(message);
        this.label = label;
    }

    public String label() {
        return label;
    }
}
