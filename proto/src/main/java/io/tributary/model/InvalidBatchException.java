package io.tributary.model;

/** The bytes are not a batch, or break a limit; sending them again will not help. */
public final class InvalidBatchException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidBatchException(String message) {
        super(message);
    }

    public InvalidBatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
