package io.tributary.agent.clock;

/**
 * How far stamps were wrong.
 *
 * @param shiftNs true time minus stamp
 * @param errorNs the truth lies within {@code shiftNs ± errorNs}
 */
public record ClockCorrection(long shiftNs, long errorNs) {}
