package io.tributary.agent.uplink;

import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells the collector what the outbox lost, some at a time, until it says that it knows: the account depends on it. Of the
 * forwarder's thread.
 */
final class LossTelling {
    /** Losses told at a time; each is a message of some 20 bytes. */
    private static final int LOSSES_MAX = 256;

    private final Outbox outbox;
    private final Set<LostRange> inFlight = new HashSet<>();
    /** When this many were evicted, all was told. */
    private long evictedSeen = -1;

    LossTelling(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Nothing is on its way, and all that the outbox remembers is to be told. */
    void begin() {
        inFlight.clear();
        evictedSeen = -1;
    }

    /** What is to be told now; empty when there is nothing new, or the collector has not answered the last ones. */
    List<LostRange> next() throws OutboxException {
        long evicted = outbox.evictedReadings();
        if (evicted == evictedSeen || !inFlight.isEmpty()) {
            return List.of();
        }
        List<LostRange> losses = outbox.losses(LOSSES_MAX);
        boolean rest = losses.stream().anyMatch(LostRange::isRest);
        if (losses.isEmpty() || (losses.size() < LOSSES_MAX && rest)) {
            evictedSeen = evicted;
        }
        return losses;
    }

    void told(LostRange lost) {
        inFlight.add(lost);
    }

    /** Acknowledged as batches are. */
    void acknowledged(long epoch, List<SequenceRange> ranges) {
        inFlight.removeIf(lost -> lost.epoch() == epoch && isInside(lost, ranges));
    }

    /** The collector knows what was lost of an epoch. */
    void known(long epoch, List<SequenceRange> ranges) throws OutboxException {
        acknowledged(epoch, ranges);
        outbox.forgetLosses(epoch, ranges);
        evictedSeen = -1; // what is told last may be next
    }

    private static boolean isInside(LostRange lost, List<SequenceRange> ranges) {
        return ranges.stream()
                .anyMatch(range ->
                        lost.range().first() >= range.first() && lost.range().end() <= range.end());
    }
}
