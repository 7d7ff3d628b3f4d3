package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;

/**
 * Readings that were accepted and will never be sent under these sequences; kept until the collector has acknowledged that
 * it knows.
 *
 * @param epoch an earlier one, or 0 for the outbox's own
 */
public record LostRange(long epoch, SequenceRange range, String cause) {
    public LostRange(SequenceRange range, String cause) {
        this(0, range, cause);
    }
}
