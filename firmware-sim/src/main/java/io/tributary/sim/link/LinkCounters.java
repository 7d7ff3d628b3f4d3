package io.tributary.sim.link;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What went over a link, in readings unless the name says otherwise. Safe to use from any thread. */
public final class LinkCounters {
    private static final int TOLD_MAX = 20;

    final LongAdder handedOver = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder unsendable = new LongAdder();
    final LongAdder unsent = new LongAdder();
    final LongAdder inDoubt = new LongAdder();
    final LongAdder resent = new LongAdder();
    final LongAdder retryReplies = new LongAdder();
    final LongAdder connections = new LongAdder();
    private final AtomicInteger told = new AtomicInteger();

    /** Whether one more trouble of a connection is to be told: with thousands of them, the first will do. */
    boolean tells() {
        return told.get() < TOLD_MAX && told.incrementAndGet() <= TOLD_MAX;
    }

    /** The present figures; consistent once the link is closed. */
    public LinkTotals totals() {
        return new LinkTotals(
                handedOver.sum(),
                accepted.sum(),
                rejected.sum(),
                unsendable.sum(),
                unsent.sum(),
                inDoubt.sum(),
                resent.sum(),
                retryReplies.sum(),
                Math.max(0, connections.sum()));
    }
}
