package io.tributary.collector.storage;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What all heads together hold back: memory, and log that a start would have to replay. The committer waits here when
 * flushing cannot keep up; flushers wait here for something to do. Any thread.
 */
final class Backlog {
    /** Flushing begins at three quarters of the budget and goes on down to a half: fewer, larger fragments. */
    private static final int HIGH_QUARTERS = 3;

    private static final int LOW_QUARTERS = 2;

    private final long budgetBytes;
    private final long recoveryLogBytes;

    // guarded by this
    private long headBytes;
    private long logPosition;
    private boolean draining;
    private boolean closed;
    /** By the position in the log at which a head begins. */
    private final TreeMap<Long, Partition> heads = new TreeMap<>();

    Backlog(EngineOptions options) {
        this.budgetBytes = options.headBytes();
        this.recoveryLogBytes = options.recoveryLogBytes();
    }

    /** Position of the next record: bytes of all records so far. */
    synchronized long logPosition() {
        return logPosition;
    }

    /**
     * @param begins whether the record is the first of its head
     * @param due whether the head has to be flushed, whatever its size
     */
    synchronized void appended(Partition partition, boolean begins, long grownBytes, long recordBytes, boolean due) {
        if (begins) {
            heads.put(logPosition, partition);
        }
        logPosition += recordBytes;
        headBytes += grownBytes;
        if (due || overHigh() || isLate()) {
            notifyAll();
        }
    }

    synchronized void flushed(long firstLogPosition, long freedBytes) {
        heads.remove(firstLogPosition);
        headBytes -= freedBytes;
        notifyAll();
    }

    synchronized long headBytes() {
        return headBytes;
    }

    /** Log from the oldest record that is in no chunk. */
    synchronized long heldBackLogBytes() {
        return heads.isEmpty() ? 0 : logPosition - heads.firstKey();
    }

    /** Waits while heads use their whole budget, or hold back twice the log that they should. */
    synchronized void awaitRoom() throws InterruptedException {
        while (!closed && (headBytes >= budgetBytes || heldBackLogBytes() > 2 * recoveryLogBytes)) {
            wait();
        }
    }

    /** Whether heads have to be flushed for their memory. */
    synchronized boolean isPressed() {
        draining = overHigh() || (draining && headBytes > budgetBytes / 4 * LOW_QUARTERS);
        return draining;
    }

    /** The partition that holds back too much log; null when none does. */
    synchronized @Nullable Partition late() {
        return isLate() ? heads.firstEntry().getValue() : null;
    }

    private boolean overHigh() {
        return headBytes > budgetBytes / 4 * HIGH_QUARTERS;
    }

    private boolean isLate() {
        return heldBackLogBytes() > recoveryLogBytes;
    }

    /** Waits until there may be something to flush; at most {@code millis}. */
    synchronized void awaitWork(long millis) throws InterruptedException {
        if (!closed && !overHigh() && !isLate()) {
            wait(millis);
        }
    }

    /** Nobody waits any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
