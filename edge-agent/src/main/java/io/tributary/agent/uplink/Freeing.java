package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.RangeSet;
import io.tributary.model.SequenceRange;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the collector has acknowledged and the outbox still holds. Of the forwarder's thread. */
final class Freeing {
    private static final Logger LOG = LoggerFactory.getLogger(Freeing.class);

    private final Outbox outbox;
    /** Every welcome names again what could not be freed since the one before, and what is left out here. */
    private final RangeSet ranges = new RangeSet();

    Freeing(Outbox outbox) {
        this.outbox = outbox;
    }

    void add(List<SequenceRange> acknowledged) {
        ranges.add(acknowledged);
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
        List<SequenceRange> disjoint = ranges.list();
        try {
            outbox.free(epoch, disjoint);
            outbox.forgetLosses(epoch, disjoint);
            ranges.clear();
        } catch (OutboxException e) {
            LOG.debug("{} acknowledged ranges stay in the outbox for now", disjoint.size(), e);
        }
    }
}
