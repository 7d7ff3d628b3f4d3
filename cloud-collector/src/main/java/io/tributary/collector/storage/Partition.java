package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RoutedRows;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One partition: where its log stands and what its heads hold. Written by the committer, flushed by one flusher at a
 * time.
 *
 * <pre>
 * log    ... flushedOffset [ flushing ) [ active ) nextOffset
 *        in chunks         in memory, and in the log
 * </pre>
 *
 * Offsets are positions in the log, which all partitions share: a head ends behind the beginning of its last record.
 */
final class Partition {
    /** Within a day nobody asks what was appended where: it is where everything is appended. */
    private static final long SPAN_NS = 86_400_000_000_000L;

    final int number;
    /** Held by whoever writes chunks of this partition; taken before the partition's own lock. */
    final ReentrantLock flushLock = new ReentrantLock();

    private final DeviceDirectory directory;

    /** Records that became visible: moved on with this lock held, read without. */
    private volatile long appends;

    /** Which spans of event time appends have touched. */
    private final RangeChanges taken = new RangeChanges();

    // guarded by this
    private Head active;
    private @Nullable Head flushing;
    private long nextFragment;
    private long devices;

    Partition(int number, long flushedOffset, long nextFragment, long devices, DeviceDirectory directory) {
        this.directory = directory;
        this.number = number;
        this.active = new Head(flushedOffset, directory);
        this.nextFragment = nextFragment;
        this.devices = devices;
    }

    /** Up to where the log is in chunks. */
    synchronized long flushedOffset() {
        return flushing != null ? flushing.firstOffset : active.firstOffset;
    }

    synchronized long nextOffset() {
        return active.endOffset();
    }

    /** Takes its rows of a record into the active head and tells the backlog. */
    synchronized void append(Backlog backlog, long position, Origin origin, long collectorTimeNs, RoutedRows routed) {
        long before = active.bytes();
        boolean begins = !active.hasRows();
        active.append(position, position, origin, collectorTimeNs, routed.rows(), routed.runs());
        if (active.appendFirst() <= active.appendLast()) {
            taken.changed(appends + 1, span(active.appendFirst()), span(active.appendLast()));
        }
        appends = appends + 1;
        backlog.appended(this, position, begins, active.bytes() - before, active.isDue());
    }

    private static long span(long eventTimeNs) {
        return Math.floorDiv(eventTimeNs, SPAN_NS);
    }

    /** What {@link #appends} was when heads last took something in a range of event times, or in its neighbourhood. */
    long lastAppend(long fromNs, long toNs) {
        return taken.last(span(fromNs), span(toNs - 1));
    }

    /** Grows with everything that heads take, before it is acknowledged: what is the same at two moments, is unchanged. */
    long appends() {
        return appends;
    }

    synchronized Head active() {
        return active;
    }

    synchronized @Nullable Head flushing() {
        return flushing;
    }

    /** Makes the active head the flushing one; null when there is nothing to flush or a flush goes on. */
    synchronized @Nullable Head beginFlush() {
        if (flushing != null || active.isEmpty()) {
            return null;
        }
        flushing = active;
        active = new Head(flushing.endOffset(), directory);
        return flushing;
    }

    synchronized void endFlush(long fragments, long newDevices) {
        flushing = null;
        nextFragment += fragments;
        devices += newDevices;
    }

    /** A device is known no more; with the flush lock. */
    synchronized void forgetDevice() {
        devices--;
    }

    /** A number above that of every fragment. */
    synchronized long nextFragment() {
        return nextFragment;
    }

    /** Devices that flushes met. */
    synchronized long flushedDevices() {
        return devices;
    }

    /** Known devices; those that a head met first count from its flush on, unless there are more than ever before. */
    synchronized long devices() {
        long held = Math.max(active.devices(), flushing == null ? 0 : flushing.devices());
        return Math.max(devices, held);
    }
}
