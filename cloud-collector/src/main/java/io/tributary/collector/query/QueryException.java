package io.tributary.collector.query;

/** A query that is not answered, or not to its end. The message says what was found, what is expected, and what helps. */
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** The question makes no sense. */
        INVALID,
        /** It would cost, or has cost, more than a query may. */
        TOO_LARGE,
        /** Nobody waits for the answer any more. */
        CANCELLED
    }

    private final Kind kind;

    QueryException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /** What cannot be understood. */
    public static QueryException invalid(String message) {
        return new QueryException(Kind.INVALID, message);
    }

    static QueryException tooLarge(String message) {
        return new QueryException(Kind.TOO_LARGE, message);
    }

    public Kind kind() {
        return kind;
    }
}
