package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the collector has acknowledged and the outbox still holds. Of the forwarder's thread. */
final class Freeing {
    private static final Logger LOG = LoggerFactory.getLogger(Freeing.class);
    /** Ranges that wait. */
    private static final int RANGES_MAX = 1 << 12;

    private final Outbox outbox;
    /** First to end, disjoint and apart: every welcome names again what could not be freed since the one before. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    Freeing(Outbox outbox) {
        this.outbox = outbox;
    }

    void add(List<SequenceRange> acknowledged) {
        for (SequenceRange range : acknowledged) {
            long first = range.first();
            long end = range.end();
            Map.Entry<Long, Long> near = ranges.floorEntry(end);
            while (near != null && near.getValue() >= first) {
                first = Math.min(first, near.getKey());
                end = Math.max(end, near.getValue());
                ranges.remove(near.getKey());
                near = ranges.floorEntry(end);
            }
            if (ranges.size() < RANGES_MAX) { // else the next welcome names it again
                ranges.put(first, end);
            }
        }
    }

    /** Another epoch has begun: its sequences are others. */
    void clear() {
        ranges.clear();
    }

    /** What cannot be freed at this moment is freed later: sending goes on while the outbox takes no writes. */
    void run(long epoch) {
        if (ranges.isEmpty()) {
            return;
        }
        List<SequenceRange> disjoint = new ArrayList<>(ranges.size());
        ranges.forEach((first, end) -> disjoint.add(SequenceRange.between(first, end)));
        try {
            outbox.free(epoch, disjoint);
            outbox.forgetLosses(epoch, disjoint);
            ranges.clear();
        } catch (OutboxException e) {
            LOG.debug("{} acknowledged ranges stay in the outbox for now", ranges.size(), e);
        }
    }
}
