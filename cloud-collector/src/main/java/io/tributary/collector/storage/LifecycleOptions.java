package io.tributary.collector.storage;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long things are kept, and what is kept of them afterwards.
 *
 * @param keep readings to which no rule applies; null for ever
 * @param rules the first one that applies counts
 * @param rollups statistics that outlive the readings; each has to divide the bucket of the store
 * @param purgeEvery how often the bytes of erased readings are rewritten away at most
 * @param logAge files of the log that are older go, however small it is; null to keep it as long as its size allows
 */
public record LifecycleOptions(
        @Nullable Duration keep,
        List<RetentionRule> rules,
        List<RollupLevel> rollups,
        Duration purgeEvery,
        @Nullable Duration logAge) {
    /** Everything is kept. */
    public static final LifecycleOptions NONE =
            new LifecycleOptions(null, List.of(), List.of(), Duration.ofDays(1), null);

    public LifecycleOptions {
        rules = List.copyOf(rules);
        rollups = List.copyOf(rollups);
        for (int i = 1; i < rollups.size(); i++) {
            for (int k = 0; k < i; k++) {
                if (rollups.get(k).every().equals(rollups.get(i).every())) {
                    throw new IllegalArgumentException(
                            "two rollups every " + rollups.get(i).every() + ", expected each once");
                }
            }
        }
        RetentionRule.check(keep);
        if (logAge != null && logAge.compareTo(Duration.ofHours(1)) < 0) {
            throw new IllegalArgumentException("log age is " + logAge + ", expected at least 1h");
        }
        if (purgeEvery.toMillis() < 1) {
            throw new IllegalArgumentException("purge every " + purgeEvery + ", expected at least 1ms");
        }
    }

    /** With these rules of retention. */
    public LifecycleOptions retention(@Nullable Duration keepAll, List<RetentionRule> keepSome) {
        return new LifecycleOptions(keepAll, keepSome, rollups, purgeEvery, logAge);
    }

    /** With these rollups. */
    public LifecycleOptions rollups(List<RollupLevel> levels) {
        return new LifecycleOptions(keep, rules, levels, purgeEvery, logAge);
    }
}
