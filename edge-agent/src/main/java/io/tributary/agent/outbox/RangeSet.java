package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Ranges of sequences, joined where they touch. One thread at a time. */
public final class RangeSet {
    private static final int RANGES_MAX = 1 << 12;

    /** First to end, disjoint and apart. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    /** What is more than some thousands apart is left out. */
    public void add(List<SequenceRange> added) {
        for (SequenceRange range : added) {
            long first = range.first();
            long end = range.end();
            Map.Entry<Long, Long> near = ranges.floorEntry(end);
            while (near != null && near.getValue() >= first) {
                first = Math.min(first, near.getKey());
                end = Math.max(end, near.getValue());
                ranges.remove(near.getKey());
                near = ranges.floorEntry(end);
            }
            if (ranges.size() < RANGES_MAX) {
                ranges.put(first, end);
            }
        }
    }

    /** Ascending. */
    public List<SequenceRange> list() {
        List<SequenceRange> disjoint = new ArrayList<>(ranges.size());
        ranges.forEach((first, end) -> disjoint.add(SequenceRange.between(first, end)));
        return disjoint;
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public void clear() {
        ranges.clear();
    }
}
