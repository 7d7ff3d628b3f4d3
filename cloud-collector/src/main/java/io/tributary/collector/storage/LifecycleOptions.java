package io.tributary.collector.storage;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long things are kept, and what is kept of them afterwards.
 *
 * @param keep readings to which no rule applies; null for ever
 * @param rules the first one that applies counts
 * @param purgeEvery how often the bytes of erased readings are rewritten away at most
 */
public record LifecycleOptions(@Nullable Duration keep, List<RetentionRule> rules, Duration purgeEvery) {
    /** Everything is kept. */
    public static final LifecycleOptions NONE = new LifecycleOptions(null, List.of(), Duration.ofDays(1));

    public LifecycleOptions {
        rules = List.copyOf(rules);
        RetentionRule.check(keep);
        if (purgeEvery.toMillis() < 1) {
            throw new IllegalArgumentException("purge every " + purgeEvery + ", expected at least 1ms");
        }
    }

    /** With these rules of retention. */
    public LifecycleOptions retention(@Nullable Duration keepAll, List<RetentionRule> keepSome) {
        return new LifecycleOptions(keepAll, keepSome, purgeEvery);
    }
}
