package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules of retention and how far each has come. A reading is gone when its whole bucket is older than it is kept: it
 * lives for its time, and for a bucket more at most. The time that counts is the collector's, never that of a reading, and
 * it only goes forward, across restarts too: what was gone does not come back when a clock is set back. Any thread; moved
 * by one.
 */
final class Retention {
    private final @Nullable Duration keep;
    private final List<RetentionRule> rules;
    private final long bucketNs;
    private volatile long reached;
    private volatile Horizons horizons;

    /**
     * Where everything stands at one moment.
     *
     * @param timeNs the moment
     * @param byRule the first bucket that each rule keeps
     * @param rest of what no rule applies to
     */
    record Horizons(long timeNs, List<RetentionRule> rules, List<Long> byRule, long rest) {
        /** Below this, nothing of any device is kept. */
        long lowest() {
            long lowest = rest;
            for (long horizon : byRule) {
                lowest = Math.min(lowest, horizon);
            }
            return lowest;
        }

        long highest() {
            long highest = rest;
            for (long horizon : byRule) {
                highest = Math.max(highest, horizon);
            }
            return highest;
        }

        /** @param tags of the device, asked only when a rule wants to know */
        DeviceRetention of(String device, Supplier<Map<String, String>> tags) {
            if (highest() == DeviceRetention.NEVER) {
                return DeviceRetention.FOREVER;
            }
            List<DeviceRetention.Term> terms = new ArrayList<>(1);
            for (int i = 0; i < rules.size(); i++) {
                RetentionRule rule = rules.get(i);
                boolean applies = rule.device().matches(device)
                        && (rule.tags().isEmpty()
                                || tags.get().entrySet().containsAll(rule.tags().entrySet()));
                if (applies) {
                    boolean all = rule.channel().toString().equals("*");
                    terms.add(new DeviceRetention.Term(all ? Glob.ALL : rule.channel(), byRule.get(i)));
                    if (all) {
                        return new DeviceRetention(terms);
                    }
                }
            }
            terms.add(new DeviceRetention.Term(Glob.ALL, rest));
            return new DeviceRetention(terms);
        }

        boolean sameBuckets(Horizons other) {
            return rest == other.rest && byRule.equals(other.byRule);
        }
    }

    /** @param timeNs how far it had come when the store was last open */
    Retention(LifecycleOptions options, long bucketNs, long timeNs) {
        this.keep = options.keep();
        this.rules = options.rules();
        this.bucketNs = bucketNs;
        this.reached = timeNs;
        this.horizons = at(timeNs);
    }

    Horizons horizons() {
        return horizons;
    }

    /** Where everything would stand at a time; not before where it stands. */
    Horizons at(long timeNs) {
        long time = Math.max(timeNs, reached);
        List<Long> byRule = new ArrayList<>(rules.size());
        for (RetentionRule rule : rules) {
            byRule.add(horizon(rule.keep(), time));
        }
        return new Horizons(time, rules, byRule, horizon(keep, time));
    }

    private long horizon(@Nullable Duration age, long time) {
        return age == null || time == 0 ? DeviceRetention.NEVER : Math.floorDiv(time - age.toNanos(), bucketNs);
    }

    /** From here on everybody leaves out what is below. */
    void publish(Horizons next) {
        reached = next.timeNs;
        horizons = next;
    }
}
