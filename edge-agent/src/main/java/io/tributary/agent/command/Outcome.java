package io.tributary.agent.command;

import java.util.Locale;

/** How a command ended. */
public enum Outcome {
    DONE,
    /** It did not happen. */
    FAILED,
    /** It was not begun: too much is remembered already. */
    REFUSED,
    /** Nothing here can do it. */
    UNSUPPORTED,
    /** It was not begun before it expired. */
    EXPIRED,
    /** It was begun, and whether it happened cannot be told; it is not begun again. */
    UNKNOWN;

    /** As it is sent and stored. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Outcome of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
