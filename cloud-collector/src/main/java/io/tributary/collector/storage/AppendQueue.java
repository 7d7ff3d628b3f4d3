package io.tributary.collector.storage;

import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RoutedRows;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the committer, bounded in bytes. An append takes its room before it is split and encoded, so that the
 * bound holds for what is being prepared, too; one that is larger than the bound may wait alone.
 */
final class AppendQueue {
    /**
     * An append, or a loss.
     *
     * @param append null for a loss
     * @param parts of the append, by partition
     * @param cause null for an append
     */
    record Entry(
            Origin origin,
            long first,
            long end,
            @Nullable Append append,
            List<RoutedRows> parts,
            @Nullable String cause,
            AppendCallback callback,
            long bytes) {}

    private final long boundBytes;
    private final long waitNanos;

    // guarded by this
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long reservedBytes;
    private boolean closed;

    AppendQueue(long boundBytes, Duration wait) {
        this.boundBytes = boundBytes;
        this.waitNanos = wait.toNanos();
    }

    /** Waits for room; false when there is none in time, or the queue is closed. */
    synchronized boolean reserve(long bytes) {
        long deadline = System.nanoTime() + waitNanos;
        while (!closed && reservedBytes > 0 && reservedBytes + bytes > boundBytes) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        if (closed) {
            return false;
        }
        reservedBytes += bytes;
        return true;
    }

    /** @return false when the queue was closed in the meantime */
    synchronized boolean add(Entry entry) {
        if (closed) {
            reservedBytes -= entry.bytes();
            notifyAll();
            return false;
        }
        entries.add(entry);
        notifyAll();
        return true;
    }

    /** Gives back room that was reserved. */
    synchronized void release(long bytes) {
        reservedBytes -= bytes;
        notifyAll();
    }

    /**
     * Waits for entries and takes as many as fit into a group; they keep their room until {@link #release}. Empty when
     * the queue is closed and drained.
     */
    synchronized List<Entry> take(long groupBytes) throws InterruptedException {
        while (entries.isEmpty()) {
            if (closed) {
                return List.of();
            }
            wait();
        }
        List<Entry> group = new ArrayList<>();
        long bytes = 0;
        while (!entries.isEmpty() && (group.isEmpty() || bytes + entries.peek().bytes() <= groupBytes)) {
            Entry entry = entries.remove();
            bytes += entry.bytes();
            group.add(entry);
        }
        return group;
    }

    synchronized long reservedBytes() {
        return reservedBytes;
    }

    /** What was taken is still committed. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
