package io.tributary.collector.agents;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.agents.EpochGaps.EvictedRange;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where every sequence of an epoch is, from what the agent told and what storage holds. Pure. */
final class GapProof {
    private GapProof() {}

    /**
     * @param toldNext highest next sequence that the agent has told
     * @param oldest the oldest sequence that the agent still had at its last hello
     * @param current false: the outbox of that epoch is gone, and so is what it has not delivered
     */
    static EpochGaps of(long epoch, boolean current, long toldNext, long oldest, OriginAccount held) {
        List<SequenceRange> received = merge(held.received());
        List<SequenceRange> settled = received;
        List<EvictedRange> evicted = new ArrayList<>();
        Map<String, Long> evictedByCause = new TreeMap<>();
        for (Map.Entry<String, List<SequenceRange>> entry : new TreeMap<>(held.evicted()).entrySet()) {
            List<SequenceRange> ranges = merge(entry.getValue());
            // What arrived after all counts as received, what was told twice counts once.
            for (SequenceRange range : minus(ranges, settled)) {
                evicted.add(new EvictedRange(range, entry.getKey()));
                evictedByCause.merge(entry.getKey(), range.count(), Long::sum);
            }
            settled = union(settled, ranges);
        }
        evicted.sort((a, b) -> a.range().compareTo(b.range()));
        long next = Math.max(toldNext, end(settled));
        long stillThere = current ? Math.min(oldest, next) : next;
        List<SequenceRange> queued = minus(span(stillThere, next), settled);
        List<SequenceRange> missing = minus(span(0, stillThere), settled);
        Account account = new Account(
                next,
                count(received),
                held.stored(),
                held.duplicate(),
                held.replaced(),
                held.expired(),
                held.erased(),
                count(queued),
                count(missing),
                held.rejected(),
                evictedByCause,
                held.redelivered());
        return new EpochGaps(epoch, current, next, stillThere, received, evicted, queued, missing, account);
    }

    /** Ascending and disjoint. */
    static List<SequenceRange> merge(List<SequenceRange> ranges) {
        List<SequenceRange> sorted = new ArrayList<>(ranges);
        Collections.sort(sorted);
        List<SequenceRange> merged = new ArrayList<>(sorted.size());
        for (SequenceRange range : sorted) {
            int top = merged.size() - 1;
            if (top >= 0 && range.first() <= merged.get(top).end()) {
                SequenceRange last = merged.get(top);
                merged.set(top, SequenceRange.between(last.first(), Math.max(last.end(), range.end())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }

    private static List<SequenceRange> union(List<SequenceRange> a, List<SequenceRange> b) {
        List<SequenceRange> both = new ArrayList<>(a);
        both.addAll(b);
        return merge(both);
    }

    /** Both ascending and disjoint. */
    static List<SequenceRange> minus(List<SequenceRange> from, List<SequenceRange> taken) {
        List<SequenceRange> left = new ArrayList<>();
        int i = 0;
        for (SequenceRange range : from) {
            long first = range.first();
            while (i < taken.size() && taken.get(i).end() <= first) {
                i++;
            }
            for (int j = i; j < taken.size() && taken.get(j).first() < range.end(); j++) {
                if (taken.get(j).first() > first) {
                    left.add(SequenceRange.between(first, taken.get(j).first()));
                }
                first = taken.get(j).end();
            }
            if (first < range.end()) {
                left.add(SequenceRange.between(first, range.end()));
            }
        }
        return left;
    }

    private static List<SequenceRange> span(long first, long end) {
        return first < end ? List.of(SequenceRange.between(first, end)) : List.of();
    }

    private static long end(List<SequenceRange> ranges) {
        return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).end();
    }

    private static long count(List<SequenceRange> ranges) {
        long count = 0;
        for (SequenceRange range : ranges) {
            count += range.count();
        }
        return count;
    }
}
