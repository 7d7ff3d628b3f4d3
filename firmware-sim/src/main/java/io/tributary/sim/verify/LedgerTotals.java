package io.tributary.sim.verify;

/**
 * What the ledgers say, in readings.
 *
 * @param accepted acknowledged by the agent, repetitions included
 * @param distinct different readings among them: what the collector has to have
 * @param duplicates accepted again with the same value
 * @param replaced accepted again with another value: the later one counts
 * @param rejected refused by the agent for good
 * @param inDoubt sent without an answer
 * @param tornBytes of blocks that a kill has torn; ignored
 */
public record LedgerTotals(
        long accepted, long distinct, long duplicates, long replaced, long rejected, long inDoubt, long tornBytes) {}
