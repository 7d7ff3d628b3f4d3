package io.tributary.collector.agents;

import io.tributary.model.SequenceRange;

/**
 * Readings whose stamps the agent corrected before it sent them, because its clock was wrong when it took them.
 *
 * @param shiftNs corrected stamp minus raw stamp
 * @param errorNs the truth lies within the corrected stamp plus or minus this
 * @param collectorTimeNs when the first of them arrived
 */
public record ClockShift(long epoch, SequenceRange range, long shiftNs, long errorNs, long collectorTimeNs) {
    /** Both as one, when the other follows in the same epoch with the same shift; else null. */
    @org.jspecify.annotations.Nullable
    ClockShift joined(ClockShift next) {
        boolean follows = next.epoch == epoch && next.range.first() == range.end() && next.shiftNs == shiftNs;
        return follows
                ? new ClockShift(
                        epoch,
                        SequenceRange.between(range.first(), next.range.end()),
                        shiftNs,
                        Math.max(errorNs, next.errorNs),
                        Math.min(collectorTimeNs, next.collectorTimeNs))
                : null;
    }
}
