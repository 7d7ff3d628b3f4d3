package io.tributary.agent.decode;

/** A frame that can never be taken. */
public final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long id;

    /** @param id 0 when it could not be read */
    public MalformedFrameException(long id, String message) {
        super(message, null, false, false);
        this.id = id;
    }

    public long id() {
        return id;
    }
}
