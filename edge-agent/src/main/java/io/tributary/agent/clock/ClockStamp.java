package io.tributary.agent.clock;

/**
 * When something was, by both clocks, and in which run of the machine.
 *
 * @param monotonicNs counts from that boot
 */
public record ClockStamp(long boot, long wallNs, long monotonicNs) {}
