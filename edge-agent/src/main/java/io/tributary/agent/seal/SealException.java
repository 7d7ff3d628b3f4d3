package io.tributary.agent.seal;

/** A record that cannot be opened: its key is not there, or it is not what was sealed. The message says which. */
public final class SealException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean keyMissing;

    SealException(String message, boolean keyMissing) {
        super(message);
        this.keyMissing = keyMissing;
    }

    SealException(String message, Throwable cause) {
        super(message, cause);
        this.keyMissing = false;
    }

    /** True when another key may open it; else it is not what was sealed. */
    public boolean isKeyMissing() {
        return keyMissing;
    }
}
