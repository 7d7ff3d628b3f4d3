package io.tributary.agent.clock;

import org.jspecify.annotations.Nullable;

/**
 * When something was, by both clocks, and in which run of the machine.
 *
 * @param monotonicNs counts from that boot
 */
public record ClockStamp(long boot, long wallNs, long monotonicNs) {
    /** What a thread may be held up between looking at one clock and the other; corrections are rounded to twice this. */
    private static final long SAME_NS = 500_000;

    /** Whether one correction is right for both: the wall clock was not set in between. Null: right without any. */
    public static boolean isSameClock(@Nullable ClockStamp a, @Nullable ClockStamp b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return a.boot == b.boot && Math.abs((a.wallNs - a.monotonicNs) - (b.wallNs - b.monotonicNs)) <= SAME_NS;
    }
}
