package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Reads a part of the outbox in order, a bounded run ahead of what is sent. */
final class LaneCursor {
    /** One read of the database serves many sends; two lanes hold at most this and a batch each. */
    private static final long READ_AHEAD_BYTES = 512 << 10;

    private final Outbox outbox;
    private final Lane lane;
    private final long end;
    private final Deque<OutboxRecord> ahead = new ArrayDeque<>();
    private long next;

    /** @param end exclusive; what begins behind it is not this lane's */
    LaneCursor(Outbox outbox, Lane lane, long first, long end) {
        this.outbox = outbox;
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
}
