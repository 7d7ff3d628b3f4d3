package io.tributary.agent.outbox;

/** What gives way when the outbox is at its limit. */
public enum WhenFull {
    /** Sources are refused until there is room again: what was acknowledged stays. */
    REFUSE,
    /** The oldest readings of the lowest class go, are counted, and the collector is told which. */
    DROP_OLDEST,
    /**
     * The oldest readings of the lowest class are replaced by their minimum, maximum and mean per interval; only when a
     * class has nothing more to thin its oldest go.
     */
    THIN
}
