package io.tributary.agent.uplink;

import io.tributary.model.SequenceRange;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Deliveries of a session that no collector has acknowledged, and since when. On a stream an unanswered delivery stops all
 * that come after it; here the others get on, and one that was lost with a broker or a collector would never be missed.
 * Thread-safe.
 */
final class Unanswered {
    private record Sent(long end, long sentNs) {}

    private final TreeMap<Long, Sent> sent = new TreeMap<>();

    synchronized void add(long first, long end, long nowNs) {
        sent.put(first, new Sent(end, nowNs));
    }

    synchronized void remove(List<SequenceRange> ranges) {
        for (SequenceRange range : ranges) {
            Iterator<Map.Entry<Long, Sent>> each = sent.subMap(range.first(), true, range.end(), false)
                    .entrySet()
                    .iterator();
            while (each.hasNext()) {
                if (each.next().getValue().end() <= range.end()) {
                    each.remove();
                }
            }
        }
    }

    /** @return the first sequence of one that has waited that long; -1: there is none */
    synchronized long waitingSince(long nowNs, long maxNs) {
        for (Map.Entry<Long, Sent> each : sent.entrySet()) {
            if (nowNs - each.getValue().sentNs() >= maxNs) {
                return each.getKey();
            }
        }
        return -1;
    }
}
