package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;

/**
 * Readings that were accepted and will never be sent under these sequences; kept until the collector has acknowledged that
 * it knows.
 *
 * @param epoch an earlier one, or 0 for the outbox's own
 */
public record LostRange(long epoch, SequenceRange range, String cause) {
    private static final long REST_COUNT = 1L << 62;

    public LostRange(SequenceRange range, String cause) {
        this(0, range, cause);
    }

    /** Whatever of an earlier epoch is not known otherwise; told after everything else of it. */
    static LostRange rest(long epoch, String cause) {
        return new LostRange(epoch, new SequenceRange(0, REST_COUNT), cause);
    }

    public boolean isRest() {
        return range.count() == REST_COUNT;
    }
}
