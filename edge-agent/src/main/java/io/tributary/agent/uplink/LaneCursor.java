package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a part of the outbox in order, a bounded run ahead of what is sent. */
final class LaneCursor {
    /** One read of the database serves many sends; two lanes hold at most this and a batch each. */
    private static final long READ_AHEAD_BYTES = 512 << 10;

    private final Outbox outbox;
    private final Stamps stamps;
    private final Lane lane;
    private final long end;
    private final Deque<OutboxRecord> ahead = new ArrayDeque<>();
    private long next;

    /** @param end exclusive; what begins behind it is not this lane's */
    LaneCursor(Outbox outbox, Stamps stamps, Lane lane, long first, long end) {
        this.outbox = outbox;
        this.stamps = stamps;
        this.lane = lane;
        this.next = first;
        this.end = end;
    }

    Lane lane() {
        return lane;
    }

    /** The next batch to send, null when there is none at this moment. */
    @Nullable
    OutboxRecord peek() throws OutboxException {
        if (ahead.isEmpty() && next < end) {
            ahead.addAll(outbox.read(next, end, READ_AHEAD_BYTES));
            if (!ahead.isEmpty()) {
                next = ahead.getLast().endSequence();
            }
        }
        return ahead.peek();
    }

    void take() {
        ahead.remove();
    }

    /**
     * Those at the head that can be sent as one, in order; the first in any case.
     *
     * @param slowLink whether the link is slower than this machine
     * @param bytesMax of them together
     */
    List<OutboxRecord> run(boolean slowLink, long bytesMax) throws OutboxException {
        OutboxRecord head = peek();
        if (head == null) {
            return List.of();
        }
        OutboxRecord first = stamps.settled(head);
        List<OutboxRecord> run = new ArrayList<>();
        long readings = 0;
        long bytes = 0;
        long end = first.firstSequence();
        for (OutboxRecord stored : ahead) {
            OutboxRecord each = stamps.settled(stored);
            readings += each.batch().readings();
            bytes += each.bytes();
            boolean fits = SmallBatches.isSmall(each, slowLink)
                    && each.firstSequence() == end
                    && each.epoch() == first.epoch()
                    && SmallBatches.isSameClock(first, each)
                    && readings <= SmallBatches.RUN_READINGS
                    && bytes <= bytesMax;
            if (!fits && !run.isEmpty()) {
                break;
            }
            run.add(each);
            if (!fits) {
                break;
            }
            end = each.endSequence();
        }
        return run;
    }
}
