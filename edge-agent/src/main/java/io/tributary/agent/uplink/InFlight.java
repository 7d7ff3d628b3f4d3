package io.tributary.agent.uplink;

import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.model.SequenceRange;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/** What was sent and not acknowledged. The forwarder's thread only. */
final class InFlight {
    /** Told of a batch that is no longer in flight. */
    @FunctionalInterface
    interface Acknowledged {
        void batch(long sentNs, int bytes);
    }

    private record Sent(long end, int bytes, long sentNs) {}

    private final TreeMap<Long, Sent> sent = new TreeMap<>();
    private long bytes;

    void add(OutboxRecord batch, long nowNs) {
        sent.put(batch.firstSequence(), new Sent(batch.endSequence(), batch.bytes(), nowNs));
        bytes += batch.bytes();
    }

    /** Whether a batch, alone or joined with others, was sent and not acknowledged. */
    boolean contains(OutboxRecord batch) {
        java.util.Map.Entry<Long, Sent> before = sent.floorEntry(batch.firstSequence());
        return before != null && before.getValue().end() >= batch.endSequence();
    }

    boolean isEmpty() {
        return sent.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /**
     * Removes what lies inside the ranges.
     *
     * @param told of each
     * @return readings removed
     */
    long acknowledged(List<SequenceRange> ranges, Acknowledged told) {
        long readings = 0;
        for (SequenceRange range : ranges) {
            Iterator<java.util.Map.Entry<Long, Sent>> each = sent.subMap(range.first(), true, range.end(), false)
                    .entrySet()
                    .iterator();
            while (each.hasNext()) {
                java.util.Map.Entry<Long, Sent> entry = each.next();
                if (entry.getValue().end() <= range.end()) {
                    readings += entry.getValue().end() - entry.getKey();
                    bytes -= entry.getValue().bytes();
                    told.batch(entry.getValue().sentNs(), entry.getValue().bytes());
                    each.remove();
                }
            }
        }
        return readings;
    }

    void clear() {
        sent.clear();
        bytes = 0;
    }
}
