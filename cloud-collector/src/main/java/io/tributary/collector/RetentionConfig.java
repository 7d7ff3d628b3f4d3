package io.tributary.collector;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.storage.LifecycleOptions;
import io.tributary.collector.storage.RetentionRule;
import io.tributary.collector.storage.RollupLevel;
import io.tributary.config.Default;
import io.tributary.config.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code retention} of the configuration; README.md describes the keys.
 *
 * @param keep readings to which no rule applies
 * @param rules the first that applies counts
 * @param rollups statistics per window that outlive the readings
 * @param purgeEvery how often the bytes of erased readings are written away
 * @param log how old the log may become, whatever its size
 */
record RetentionConfig(
        @Default("forever") Keep keep,
        @Default("[]") List<Rule> rules,
        @Default("[]") List<Rollup> rollups,
        @Default("1d") Duration purgeEvery,
        @Default("7d") Keep log) {
    /** A duration, or {@code forever}. */
    static final class Keep {
        private final @Nullable Duration age;

        private Keep(@Nullable Duration age) {
            this.age = age;
        }

        /** {@code forever}, or a duration. */
        public static Keep parse(String text) {
            return text.equals("forever") ? new Keep(null) : new Keep(Durations.parse(text));
        }

        @Nullable
        Duration age() {
            return age;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Keep keep && Objects.equals(age, keep.age);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(age);
        }

        @Override
        public String toString() {
            return age == null ? "forever" : age.toString();
        }
    }

    /**
     * @param device, channel patterns
     * @param tags each has to be present at the device with this value
     */
    record Rule(
            @Default("*") String device,
            @Default("*") String channel,
            @Default("{}") Map<String, String> tags,
            Keep keep) {
        Rule {
            rule(device, channel, tags, keep);
        }

        static RetentionRule rule(String device, String channel, Map<String, String> tags, Keep keep) {
            return new RetentionRule(new Glob(device), new Glob(channel), tags, keep.age());
        }
    }

    /** Width of the windows, and how long their statistics are kept. */
    record Rollup(Duration every, @Default("forever") Keep keep) {
        Rollup {
            new RollupLevel(every, keep.age());
        }
    }

    RetentionConfig {
        options(keep, rules, rollups, purgeEvery, log);
    }

    LifecycleOptions options() {
        return options(keep, rules, rollups, purgeEvery, log);
    }

    private static LifecycleOptions options(
            Keep keep, List<Rule> rules, List<Rollup> rollups, Duration purgeEvery, Keep log) {
        List<RetentionRule> all = rules.stream()
                .map(rule -> Rule.rule(rule.device(), rule.channel(), rule.tags(), rule.keep()))
                .toList();
        List<RollupLevel> levels = rollups.stream()
                .map(rollup -> new RollupLevel(rollup.every(), rollup.keep().age()))
                .toList();
        return new LifecycleOptions(keep.age(), all, levels, purgeEvery, log.age());
    }
}
