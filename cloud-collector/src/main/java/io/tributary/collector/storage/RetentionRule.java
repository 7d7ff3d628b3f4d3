package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long readings of certain series are kept.
 *
 * @param tags each has to be present at the device with this value
 * @param keep null for ever
 */
public record RetentionRule(
        Glob device,
        Glob channel,
        Map<String, String> tags,
        @Nullable Duration keep) {
    /** A longer one would not fit ns. */
    static final Duration KEEP_MAX = Duration.ofDays(36_500);

    public RetentionRule {
        tags = Map.copyOf(tags);
        check(keep);
    }

    static void check(@Nullable Duration keep) {
        if (keep != null && (keep.compareTo(Duration.ofSeconds(1)) < 0 || keep.compareTo(KEEP_MAX) > 0)) {
            throw new IllegalArgumentException("keep is " + keep + ", expected 1s to 36500d");
        }
    }
}
