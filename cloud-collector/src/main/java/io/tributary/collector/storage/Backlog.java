package io.tributary.collector.storage;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What all heads together hold back: memory, and log that a start would have to replay. The committer waits here when
 * flushing cannot keep up; flushers wait here for something to do. Any thread.
 */
final class Backlog {
    /** Flushing begins at three quarters of the budget and goes on down to a half: fewer, larger fragments. */
    private static final int HIGH_QUARTERS = 3;

    private static final int LOW_QUARTERS = 2;

    /** Where in the log the head of a partition begins. */
    private record Begin(long position, Partition partition) {}

    private final long budgetBytes;
    private final long recoveryLogBytes;

    // guarded by this
    private long headBytes;
    private long logPosition;
    private boolean draining;
    private boolean closed;
    private final TreeSet<Begin> heads =
            new TreeSet<>(Comparator.comparingLong(Begin::position).thenComparingInt(begin -> begin.partition.number));

    Backlog(EngineOptions options) {
        this.budgetBytes = options.headBytes();
        this.recoveryLogBytes = options.recoveryLogBytes();
    }

    /** Heads have what they are to have of the log up to here. */
    synchronized void logged(long position) {
        logPosition = position;
        if (isLate()) {
            notifyAll();
        }
    }

    /**
     * A head has grown by a record.
     *
     * @param position of the record
     * @param begins whether the record is the first of its head
     * @param due whether the head has to be flushed, whatever its size
     */
    synchronized void appended(Partition partition, long position, boolean begins, long grownBytes, boolean due) {
        if (begins) {
            heads.add(new Begin(position, partition));
        }
        headBytes += grownBytes;
        if (due || overHigh()) {
            notifyAll();
        }
    }

    synchronized void flushed(Partition partition, long firstLogPosition, long freedBytes) {
        heads.remove(new Begin(firstLogPosition, partition));
        headBytes -= freedBytes;
        notifyAll();
    }

    synchronized long headBytes() {
        return headBytes;
    }

    /** Log from the oldest record that is in no chunk. */
    synchronized long heldBackLogBytes() {
        return heads.isEmpty() ? 0 : logPosition - heads.first().position;
    }

    /** From where on the log is not in chunks. */
    synchronized long heldFrom() {
        return heads.isEmpty() ? logPosition : heads.first().position;
    }

    /** As {@link #heldFrom}, when the head of a partition that begins at a position is in chunks, too. */
    synchronized long heldFromWithout(Partition partition, long firstLogPosition) {
        for (Begin head : heads) {
            if (head.partition != partition || head.position != firstLogPosition) {
                return head.position;
            }
        }
        return logPosition;
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
        return isLate() ? heads.first().partition : null;
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
