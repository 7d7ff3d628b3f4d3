package io.tributary.collector.storage;

import io.tributary.collector.log.LogPosition;

/** How far the log may be read; tells who waits for it that it has grown. The committer pays for it only while somebody waits. */
final class LogTail {
    private volatile LogPosition newest = new LogPosition(0, 0);
    private volatile int waiting;

    // guarded by this
    private long changes;

    /** Behind the newest record that readers may see. */
    LogPosition newest() {
        return newest;
    }

    void grown(LogPosition end) {
        newest = end;
        if (waiting > 0) {
            wake();
        }
    }

    synchronized void wake() {
        changes++;
        notifyAll();
    }

    interface Condition {
        boolean holds();
    }

    /** Waits until it holds, is woken, or the time is over. */
    synchronized boolean await(Condition condition, long millis) throws InterruptedException {
        long before = changes;
        waiting++; // from here on grown() notifies, so that what comes behind the check is not missed
        try {
            if (!condition.holds() && changes == before) {
                wait(Math.max(1, millis));
            }
            return condition.holds();
        } finally {
            waiting--;
        }
    }
}
