package io.tributary.agent.clock;

/**
 * How far the collector's clock is from ours, from one exchange of stamps (RFC 5905, section 8).
 *
 * <pre>
 * agent      t1 ----------------------- t4
 * collector       t2 ----------- t3
 * offset = ((t2 - t1) + (t3 - t4)) / 2      error = ((t4 - t1) - (t3 - t2)) / 2
 * </pre>
 *
 * @param offsetNs collector time minus agent time
 * @param errorNs the true offset lies within {@code offsetNs ± errorNs}
 */
public record ClockOffset(long offsetNs, long errorNs) {
    public static ClockOffset of(long t1, long t2, long t3, long t4) {
        // Halves first: the stamps may be 50 years apart when a clock starts in 1970.
        long offset = (t2 - t1) / 2 + (t3 - t4) / 2;
        return new ClockOffset(offset, Math.max(0, ((t4 - t1) - (t3 - t2)) / 2));
    }
}
