package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the collector has acknowledged and the outbox still holds. Of the forwarder's thread. */
final class Freeing {
    private static final Logger LOG = LoggerFactory.getLogger(Freeing.class);
    /** Ranges that wait; consecutive ones are one. */
    private static final int RANGES_MAX = 1 << 12;

    private final Outbox outbox;
    private final List<SequenceRange> ranges = new ArrayList<>();

    Freeing(Outbox outbox) {
        this.outbox = outbox;
    }

    void add(List<SequenceRange> acknowledged) {
        for (SequenceRange range : acknowledged) {
            int last = ranges.size() - 1;
            if (last >= 0 && ranges.get(last).end() == range.first()) {
                ranges.set(last, SequenceRange.between(ranges.get(last).first(), range.end()));
            } else if (ranges.size() < RANGES_MAX) {
                ranges.add(range);
            } // else the next welcome names it again
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
        try {
            outbox.free(epoch, ranges);
            outbox.forgetLosses(epoch, ranges);
            ranges.clear();
        } catch (OutboxException e) {
            LOG.debug("{} acknowledged ranges stay in the outbox for now", ranges.size(), e);
        }
    }
}
