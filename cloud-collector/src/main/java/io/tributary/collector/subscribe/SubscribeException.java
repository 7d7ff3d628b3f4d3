package io.tributary.collector.subscribe;

/** Why there is no subscription, for the client. */
public final class SubscribeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose turn it is. */
    public enum Kind {
        /** The request makes no sense. */
        INVALID,
        /** No such bookmark. */
        UNKNOWN,
        /** Somebody else reads with this bookmark. */
        IN_USE,
        /** Too many of them. */
        EXHAUSTED,
        /** The collector is closing. */
        CLOSING
    }

    private final Kind kind;

    public SubscribeException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
