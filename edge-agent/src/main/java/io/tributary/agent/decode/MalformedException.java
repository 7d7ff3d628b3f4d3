package io.tributary.agent.decode;

/** What came does not follow its format; the message says what was found, what is expected, and where. */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message, null, false, false); // one per bad line of a hostile peer: no stack trace
    }
}
