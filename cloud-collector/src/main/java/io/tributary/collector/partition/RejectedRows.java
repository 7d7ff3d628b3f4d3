package io.tributary.collector.partition;

import io.tributary.model.SequenceRange;
import org.jspecify.annotations.Nullable;

/**
 * Readings of an append that are not to be stored, and why. Becomes a dead letter and a count in the account.
 *
 * @param range where they lie; the range may hold stored readings, too
 * @param readings how many of the range are rejected
 * @param cause a short word for metrics and accounts, {@code future-event-time}
 * @param detail a sentence with value and expectation
 * @param payload what to keep so that they can be looked at and driven again: an encoded batch, or the bytes that were
 *     none; null when there is nothing to keep
 */
public record RejectedRows(SequenceRange range, long readings, String cause, String detail, byte @Nullable [] payload) {
    public RejectedRows {
        if (readings < 0 || readings > range.count()) {
            throw new IllegalArgumentException(
                    readings + " readings rejected in " + range + ", expected at most " + range.count());
        }
    }
}
