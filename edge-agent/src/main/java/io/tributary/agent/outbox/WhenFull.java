package io.tributary.agent.outbox;

/** What gives way when the outbox is at its limit. */
public enum WhenFull {
    /** The oldest readings go, are counted, and the collector is told which. */
    EVICT_OLDEST,
    /** Sources are refused until there is room again. */
    REFUSE
}
