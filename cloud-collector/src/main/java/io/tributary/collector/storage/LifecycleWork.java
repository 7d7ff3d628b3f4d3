package io.tributary.collector.storage;

import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;

/** What the background does about the age and the end of readings; by one of its threads at a time. */
final class LifecycleWork {
    private final ReentrantLock working = new ReentrantLock();
    private final RetentionWork retention;
    private final ErasureWork erasures;

    LifecycleWork(EngineParts parts, Flusher flusher, InstantSource clock) {
        this.retention = new RetentionWork(parts, flusher, clock);
        this.erasures = new ErasureWork(parts, clock);
    }

    /** @return whether there was something to do */
    boolean work() throws RocksDBException {
        if (!working.tryLock()) {
            return false;
        }
        try {
            return step();
        } finally {
            working.unlock();
        }
    }

    private boolean step() throws RocksDBException {
        return erasures.work() | retention.work();
    }

    /** Everything there is to do at this moment. */
    void finish() throws RocksDBException {
        working.lock();
        try {
            while (step()) {
                // a step may leave another one
            }
        } finally {
            working.unlock();
        }
    }
}
