package io.tributary.collector.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Statistics that are kept per window of time and series, beside the readings and longer than they.
 *
 * @param every width of the windows; has to divide the bucket of the store
 * @param keep null for ever
 */
public record RollupLevel(Duration every, @Nullable Duration keep) {
    public RollupLevel {
        if (every.toSeconds() < 1 || every.toNanosPart() != 0 || every.toDays() > 365) {
            throw new IllegalArgumentException("every is " + every + ", expected whole seconds from 1s to 365d");
        }
        RetentionRule.check(keep);
    }

    long everyNs() {
        return every.toNanos();
    }
}
