package io.tributary.agent.seal;

/** A record that cannot be opened: its key is not there, or it is not what was sealed. The message says which. */
public final class SealException extends Exception {
    public SealException(String message) {
        super(message);
    }

    SealException(String message, Throwable cause) {
        super(message, cause);
    }
}
