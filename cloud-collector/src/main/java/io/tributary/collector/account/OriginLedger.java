package io.tributary.collector.account;

import io.tributary.collector.partition.SequenceSet;
import io.tributary.model.SequenceRange;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was received of one origin, and what became of it before it reached a head. Immutable.
 *
 * @param arrived received, without evicted ranges
 * @param evicted reported as lost, by cause; disjoint with {@code arrived} and each other
 * @param known arrived or evicted
 * @param rejected readings, by cause
 */
public record OriginLedger(
        SequenceSet arrived,
        Map<String, SequenceSet> evicted,
        SequenceSet known,
        Map<String, Long> rejected,
        long redelivered) {
    public static final OriginLedger EMPTY =
            new OriginLedger(SequenceSet.EMPTY, Map.of(), SequenceSet.EMPTY, Map.of(), 0);

    public OriginLedger {
        evicted = Collections.unmodifiableMap(new TreeMap<>(evicted));
        rejected = Collections.unmodifiableMap(new TreeMap<>(rejected));
    }

    public static OriginLedger of(
            SequenceSet arrived, Map<String, SequenceSet> evicted, Map<String, Long> rejected, long redelivered) {
        SequenceSet known = arrived;
        for (SequenceSet lost : evicted.values()) {
            known = known.plus(lost);
        }
        return new OriginLedger(arrived, evicted, known, rejected, redelivered);
    }

    /** The whole range arrived; what was known of it counts as redelivered. */
    public OriginLedger arrive(long first, long end) {
        SequenceSet missing = known.missing(first, end);
        return new OriginLedger(
                arrived.plus(missing),
                evicted,
                known.plus(first, end),
                rejected,
                redelivered + (end - first) - missing.count());
    }

    /** What is not known of the range will never arrive. */
    public OriginLedger evict(long first, long end, String cause) {
        Map<String, SequenceSet> next = new TreeMap<>(evicted);
        next.merge(cause, known.missing(first, end), SequenceSet::plus);
        return new OriginLedger(arrived, next, known.plus(first, end), rejected, redelivered);
    }

    /** As if nothing had been rejected or come again. */
    public OriginLedger withoutRejections() {
        return new OriginLedger(arrived, evicted, known, Map.of(), 0);
    }

    public OriginLedger reject(String cause, long readings) {
        Map<String, Long> next = new TreeMap<>(rejected);
        next.merge(cause, readings, Long::sum);
        return new OriginLedger(arrived, evicted, known, next, redelivered);
    }

    /** @param stored, duplicate, replaced, expired, erased what became of readings that were not rejected */
    public OriginAccount account(long stored, long duplicate, long replaced, long expired, long erased) {
        Map<String, List<SequenceRange>> lost = new TreeMap<>();
        evicted.forEach((cause, set) -> lost.put(cause, set.ranges()));
        return new OriginAccount(
                arrived.ranges(), lost, rejected, stored, duplicate, replaced, expired, erased, redelivered);
    }
}
