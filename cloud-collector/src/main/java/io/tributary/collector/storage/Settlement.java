package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of readings, as changes per bucket and origin: a reading that is stored and later loses counts +1 and -1.
 * Both have one event time, and so one bucket. Not thread-safe.
 */
final class Settlement {
    /**
     * @param stored, duplicate, replaced, expired as in {@link io.tributary.collector.account.OriginAccount}; may be
     *     negative
     */
    record Counts(long stored, long duplicate, long replaced, long expired) {
        static final Counts ZERO = new Counts(0, 0, 0, 0);

        Counts plus(Counts other) {
            return new Counts(
                    stored + other.stored,
                    duplicate + other.duplicate,
                    replaced + other.replaced,
                    expired + other.expired);
        }
    }

    private static final class Tally {
        private long stored;
        private long duplicate;
        private long replaced;
        private long expired;

        Counts counts() {
            return new Counts(stored, duplicate, replaced, expired);
        }
    }

    interface BucketVisitor<E extends Exception> {
        void visit(long bucket, Origin origin, long stored) throws E;
    }

    private final TreeMap<Long, Map<Origin, Tally>> buckets = new TreeMap<>();
    private Map<Origin, Tally> inBucket = new HashMap<>();
    private long bucket;
    private boolean begun;
    private @Nullable Origin lastOrigin;
    private Tally last = new Tally();

    /** What is told from here on belongs to this bucket. */
    void begin(long of) {
        if (!begun || of != bucket) {
            begun = true;
            bucket = of;
            inBucket = buckets.computeIfAbsent(of, unused -> new HashMap<>());
            lastOrigin = null;
        }
    }

    void stored(Origin origin, long readings) {
        tally(origin).stored += readings;
    }

    /** Readings that are older than what is kept. */
    void expired(Origin origin, long readings) {
        tally(origin).expired += readings;
    }

    /** A reading that counted as stored lost. */
    void lost(Origin origin, boolean equal) {
        Tally tally = tally(origin);
        tally.stored--;
        if (equal) {
            tally.duplicate++;
        } else {
            tally.replaced++;
        }
    }

    Counts of(Origin origin) {
        Counts sum = Counts.ZERO;
        for (Map<Origin, Tally> tallies : buckets.values()) {
            Tally tally = tallies.get(origin);
            sum = tally == null ? sum : sum.plus(tally.counts());
        }
        return sum;
    }

    /** Over all origins. */
    Counts total() {
        Counts total = Counts.ZERO;
        for (Map<Origin, Tally> tallies : buckets.values()) {
            for (Tally tally : tallies.values()) {
                total = total.plus(tally.counts());
            }
        }
        return total;
    }

    Iterable<Origin> origins() {
        Set<Origin> origins = new HashSet<>();
        buckets.values().forEach(tallies -> origins.addAll(tallies.keySet()));
        return origins;
    }

    /** By how much the stored readings of each bucket and origin changed. */
    <E extends Exception> void forEachBucket(BucketVisitor<E> visitor) throws E {
        for (Map.Entry<Long, Map<Origin, Tally>> each : buckets.entrySet()) {
            for (Map.Entry<Origin, Tally> tally : each.getValue().entrySet()) {
                if (tally.getValue().stored != 0) {
                    visitor.visit(each.getKey(), tally.getKey(), tally.getValue().stored);
                }
            }
        }
    }

    private Tally tally(Origin origin) {
        if (origin != lastOrigin) {
            if (!begun) {
                throw new IllegalStateException("BUG: readings of no bucket");
            }
            last = inBucket.computeIfAbsent(origin, unused -> new Tally());
            lastOrigin = origin;
        }
        return last;
    }
}
