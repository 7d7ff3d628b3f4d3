package io.tributary.agent.command;

/**
 * What is known of a command.
 *
 * @param expiresNs on the collector's clock
 * @param result how it ended; of one that is only begun, what to say if the agent ends before it knows
 */
record JournalRecord(State state, long expiresNs, CommandResult result) {
    /** The order is that of the bytes. */
    enum State {
        BEGUN,
        FINISHED,
        /** It was begun, and is known not to have been sent. */
        WITHDRAWN
    }

    String id() {
        return result.id();
    }
}
