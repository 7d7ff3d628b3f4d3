package io.tributary.collector.storage;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background threads. In this order they take out damaged chunks, flush heads that hold back too much log or memory,
 * flush heads that are old, let readings expire and erase them, fold fragments, and fold those of past buckets for good.
 */
final class BackgroundWork {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundWork.class);
    /** How late a head may be flushed for its age, and how soon a failed flush is tried again. */
    private static final long TICK_MILLIS = 1000;

    private final EngineParts parts;
    private final Flusher flusher;
    private final Folder folder;
    private final ColdFolder coldFolder;
    private final QuarantineWork quarantine;
    private final LifecycleWork lifecycle;
    private final InstantSource clock;
    private final ReentrantLock trimming = new ReentrantLock();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    BackgroundWork(EngineParts parts, Flusher flusher, Rollups rollups, InstantSource clock) {
        this.parts = parts;
        this.flusher = flusher;
        this.folder = new Folder(parts, clock);
        this.coldFolder = new ColdFolder(parts, clock);
        this.quarantine = new QuarantineWork(parts, clock);
        this.lifecycle = new LifecycleWork(parts, flusher, rollups, clock);
        this.clock = clock;
    }

    void start() {
        for (int i = 0; i < parts.options().flushThreads(); i++) {
            Thread thread = new Thread(this::run, "storage-flusher-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void run() {
        String failure = "";
        while (!closed) {
            boolean worked = false;
            try {
                worked = work();
                failure = "";
            } catch (RocksDBException | RuntimeException e) {
                if (!failure.equals(e.toString())) { // once, not with every attempt
                    failure = e.toString();
                    LOG.error("chunks cannot be written; tried again every second until it works", e);
                }
                pause();
            }
            if (!worked && !closed) {
                try {
                    parts.backlog().awaitWork(TICK_MILLIS);
                } catch (InterruptedException e) {
                    LOG.error("BUG: a flusher was interrupted", e);
                    return;
                }
            }
        }
    }

    private synchronized void pause() {
        try {
            if (!closed) {
                wait(TICK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything there is to do about age and erasures at this moment. */
    void finishLifecycle() throws RocksDBException {
        lifecycle.finish();
    }

    /** Every fold that is due at this moment. */
    void finishFolds() throws RocksDBException {
        boolean worked = true;
        while (worked) {
            worked = folder.work() || coldFolder.work();
        }
    }

    /** @return whether there was something to do */
    private boolean work() throws RocksDBException {
        if (quarantine.work()) {
            return true;
        }
        trimLog();
        Partition next = next();
        if (next == null) {
            return (lifecycle.work() | folder.work()) || coldFolder.work();
        }
        long begin = System.nanoTime();
        boolean flushed = flusher.flush(next);
        // While there is always something to flush, folds get as much time as flushes: fragments do not pile up.
        long took = System.nanoTime() - begin;
        begin += took;
        while (!closed && System.nanoTime() - begin < took && (lifecycle.work() | folder.work())) {
            flushed = true;
        }
        return flushed;
    }

    /** Brings the database to disk when a start would read too much log, and drops log that is not needed. */
    private void trimLog() throws RocksDBException {
        if (!trimming.tryLock()) {
            return;
        }
        try {
            if (parts.checkpoint().isDue()) {
                parts.checkpoint().run();
            }
            parts.log()
                    .dropAbove(
                            parts.checkpoint().keptLogBytes(),
                            parts.checkpoint().durable());
        } catch (IOException e) {
            throw new StorageException("a file of the log cannot be dropped", e);
        } finally {
            trimming.unlock();
        }
    }

    private @Nullable Partition next() {
        Partition late = parts.backlog().late();
        if (late != null && !late.flushLock.isLocked()) {
            return late;
        }
        boolean pressed = parts.backlog().isPressed();
        long oldest = CollectorClock.nanos(clock.instant())
                - parts.options().headAge().toNanos();
        Partition largest = null;
        long largestBytes = 0;
        for (Partition partition : parts.partitions()) {
            if (partition.flushLock.isLocked()) {
                continue;
            }
            long bytes;
            boolean due;
            synchronized (partition) {
                Head left = partition.flushing();
                Head head = left != null ? left : partition.active();
                bytes = head.isEmpty() ? 0 : head.bytes() + 1;
                due = bytes > 0 && (left != null || head.isDue() || head.firstCollectorTimeNs() <= oldest);
            }
            if (due) {
                return partition;
            }
            if (bytes > largestBytes) {
                largest = partition;
                largestBytes = bytes;
            }
        }
        return pressed ? largest : null;
    }

    /** Ends the threads; what they are at is finished. */
    void close() {
        closed = true;
        parts.backlog().close();
        synchronized (this) {
            notifyAll();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
