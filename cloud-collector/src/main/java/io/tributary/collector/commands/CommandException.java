package io.tributary.collector.commands;

/** Why a command or a configuration is not taken. The message says value and expectation. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the caller can do about it. */
    public enum Kind {
        /** Ask for something else. */
        INVALID,
        /** The ID stands for another command. */
        CONFLICT,
        /** Wait for answers. */
        FULL
    }

    private final Kind kind;

    CommandException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
