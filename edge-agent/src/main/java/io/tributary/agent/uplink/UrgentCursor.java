package io.tributary.agent.uplink;

import io.tributary.agent.outbox.ChannelClass;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Finds batches of urgent classes without reading the others, the highest priority first, each class in order. */
final class UrgentCursor {
    private static final long READ_AHEAD_BYTES = 64 << 10;

    private final Outbox outbox;
    private final int leastPriority;
    private final long[] next = new long[ChannelClass.PRIORITIES];
    private final Deque<OutboxRecord> ahead = new ArrayDeque<>();

    UrgentCursor(Outbox outbox, int leastPriority) {
        this.outbox = outbox;
        this.leastPriority = leastPriority;
    }

    /** The next one to send, null when there is none at this moment. */
    @Nullable
    OutboxRecord peek() throws OutboxException {
        for (int priority = ChannelClass.PRIORITIES - 1; ahead.isEmpty() && priority >= leastPriority; priority--) {
            ahead.addAll(outbox.readClass(priority, next[priority], READ_AHEAD_BYTES));
            if (!ahead.isEmpty()) {
                next[priority] = ahead.getLast().endSequence();
            }
        }
        return ahead.peek();
    }

    void take() {
        ahead.remove();
    }
}
