package io.tributary.column;

/** The bytes are not an encoded column of the expected size; reading them again will not help. */
public final class CorruptColumnException extends Exception {
    private static final long serialVersionUID = 1L;

    public CorruptColumnException(String message) {
        super(message);
    }

    public CorruptColumnException(String message, Throwable cause) {
        super(message, cause);
    }
}
