package io.tributary.collector.commands;

import org.jspecify.annotations.Nullable;

/**
 * A command and how far it is.
 *
 * @param by who asked for it
 * @param sentNs when it was first handed to a session; 0: not yet
 */
public record CommandEntry(
        String agent,
        String id,
        CommandAction action,
        String by,
        long createdNs,
        long expiresNs,
        long sentNs,
        @Nullable CommandResult result) {
    /** Beside the action. */
    private static final int ENTRY_BYTES = 200;

    /** {@code pending}, {@code sent}, or the outcome. */
    public String state() {
        return result != null ? result.outcome() : sentNs == 0 ? "pending" : "sent";
    }

    CommandEntry sent(long nowNs) {
        return new CommandEntry(agent, id, action, by, createdNs, expiresNs, nowNs, result);
    }

    CommandEntry ended(CommandResult with) {
        return new CommandEntry(agent, id, action, by, createdNs, expiresNs, sentNs, with);
    }

    int bytes() {
        return ENTRY_BYTES + action.bytes();
    }

    /** Whether asking for {@code other} asks for this again. */
    boolean isSameRequest(CommandAction other) {
        return action.equals(other);
    }
}
