package io.tributary.collector.storage;

import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;

/** What the background does about the age and the end of readings; by one of its threads at a time. */
final class LifecycleWork {
    private final ReentrantLock working = new ReentrantLock();
    private final RetentionWork retention;
    private final ErasureWork erasures;
    private final Rollups rollups;
    private final LogAgeWork logAge;

    LifecycleWork(EngineParts parts, Flusher flusher, Rollups rollups, InstantSource clock) {
        this.rollups = rollups;
        this.logAge = new LogAgeWork(parts, clock);
        this.retention = new RetentionWork(parts, flusher, rollups, clock);
        this.erasures = new ErasureWork(parts, rollups, clock);
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
        logAge.work();
        return erasures.work() | retention.work() | rollups.work();
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
