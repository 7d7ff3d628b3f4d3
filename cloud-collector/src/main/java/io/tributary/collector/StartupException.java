package io.tributary.collector;

/** The collector cannot start; the message is all that its operator needs. */
final class StartupException extends Exception {
    private static final long serialVersionUID = 1L;

    StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
