package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Rows;
import org.jspecify.annotations.Nullable;

/**
 * One partition: where its log stands and what its heads hold. Written by the committer, flushed by one flusher at a
 * time.
 *
 * <pre>
 * log    ... flushedOffset [ flushing ) [ active ) nextOffset
 *        in chunks         in memory, and in the log
 * </pre>
 */
final class Partition {
    final int number;

    // guarded by this
    private Head active;
    private @Nullable Head flushing;
    private long flushes;
    private long devices;

    Partition(int number, long flushedOffset, long flushes, long devices) {
        this.number = number;
        this.active = new Head(flushedOffset);
        this.flushes = flushes;
        this.devices = devices;
    }

    /** What was held at one moment; heads may only be asked for what {@link Head} allows without the lock. */
    record Heads(@Nullable Head flushing, Head active) {}

    synchronized long nextOffset() {
        return active.endOffset();
    }

    /** Bytes that the active head grew by. */
    synchronized long append(long offset, long recordBytes, Origin origin, long collectorTimeNs, Rows rows) {
        long before = active.bytes();
        active.append(offset, recordBytes, origin, collectorTimeNs, rows);
        return active.bytes() - before;
    }

    /** A damaged record was taken out of the log. */
    synchronized void skip(long offset) {
        active.skip(offset, 0);
    }

    synchronized Head active() {
        return active;
    }

    synchronized @Nullable Head flushing() {
        return flushing;
    }

    /** What heads hold of a device, the older first. Call under the lock that the snapshot is taken under. */
    synchronized @Nullable HeadDevice device(boolean ofFlushing, String id) {
        Head head = ofFlushing ? flushing : active;
        return head == null ? null : head.device(id);
    }

    /** Makes the active head the flushing one; null when there is nothing to flush or a flush goes on. */
    synchronized @Nullable Head beginFlush() {
        if (flushing != null || active.isEmpty()) {
            return null;
        }
        flushing = active;
        active = new Head(flushing.endOffset());
        return flushing;
    }

    synchronized void endFlush(long newDevices) {
        flushing = null;
        flushes++;
        devices += newDevices;
    }

    synchronized long flushes() {
        return flushes;
    }

    synchronized long devices() {
        return devices;
    }
}
