package io.tributary.agent.uplink;

import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.OutboxStats;
import org.jspecify.annotations.Nullable;

/**
 * Which batch goes next: live first, beside it the backlog as far as a window lets it, which keeps it from delaying what is
 * live. Where live alone fills the window the backlog has a guaranteed share of what is sent. Of the forwarder's thread.
 */
final class Lanes {
    /** Live goes first, but of what is sent every fourth byte is the backlog's: it drains under any live load. */
    private static final int BACKLOG_SHARE = 4;

    /** Acknowledgements come often enough to steer by, and no batch is long on its way; more parts are less dense. */
    private static final int WINDOW_PARTS = 4;

    private final Outbox outbox;
    private final Stamps stamps;
    private @Nullable LaneCursor live;
    private @Nullable LaneCursor backlog;
    private long backlogDue;
    private Pace pace = new Pace();
    /** The window held back backlog since the last acknowledgement. */
    private boolean windowFull;

    private boolean linkSlow;
    /** Batches that the gate lets through when it is closed; null while it is open. */
    private @Nullable UrgentCursor urgent;

    Lanes(Outbox outbox, Stamps stamps) {
        this.outbox = outbox;
        this.stamps = stamps;
    }

    /** A session begins: what is there now is backlog. */
    void open(OutboxStats stats) {
        backlog = new LaneCursor(outbox, stamps, Lane.BACKLOG, stats.oldestSequence(), stats.nextSequence());
        live = new LaneCursor(outbox, stamps, Lane.LIVE, stats.nextSequence(), Long.MAX_VALUE);
        urgent = null;
        backlogDue = 0;
        pace = new Pace();
    }

    /** Only urgent batches go from here on, until {@link #open} is called again. */
    void narrow(int leastPriority) {
        close();
        urgent = new UrgentCursor(outbox, leastPriority);
    }

    boolean isNarrowed() {
        return urgent != null;
    }

    @Nullable
    OutboxRecord nextUrgent() throws OutboxException {
        return urgent == null ? null : urgent.peek();
    }

    void takeUrgent() {
        if (urgent != null) {
            urgent.take();
        }
    }

    /** The window held back backlog until the last acknowledgement: the link is slower than this machine. */
    boolean isLinkSlow() {
        return linkSlow;
    }

    void close() {
        live = null;
        backlog = null;
        urgent = null;
    }

    /** Null when nothing is to be sent now. */
    @Nullable
    LaneCursor next(long inFlightBytes) throws OutboxException {
        boolean hasLive = live != null && live.peek() != null;
        if (backlog == null || backlog.peek() == null) {
            backlogDue = 0;
            return hasLive ? live : null;
        }
        if (inFlightBytes + partBytes() > pace.windowBytes()) {
            windowFull = true;
            // Live alone may fill the window for ever. What it owes by then goes, a part of the window at once.
            boolean owed = hasLive && backlogDue >= (BACKLOG_SHARE - 1) * partBytes();
            return owed ? backlog : hasLive ? live : null;
        }
        return hasLive && backlogDue <= 0 ? live : backlog;
    }

    /**
     * The batches at the lane's head are sent.
     *
     * @param count how many
     * @param batch what goes out for them
     */
    void take(LaneCursor lane, int count, OutboxRecord batch) {
        for (int i = 0; i < count; i++) {
            lane.take();
        }
        backlogDue += lane.lane() == Lane.LIVE ? batch.bytes() : -(long) (BACKLOG_SHARE - 1) * batch.bytes();
    }

    void acknowledged(long nowNs, long sentNs, int bytes, long creditBytes) {
        pace.acknowledged(nowNs, sentNs, bytes, windowFull, creditBytes);
    }

    /** After every batch of one acknowledgement. */
    void acknowledgementEnds() {
        linkSlow = windowFull;
        windowFull = false;
    }

    /** Of the window, what is sent as one batch where that can be chosen. */
    long partBytes() {
        return pace.windowBytes() / WINDOW_PARTS;
    }

    long windowBytes() {
        return pace.windowBytes();
    }
}
