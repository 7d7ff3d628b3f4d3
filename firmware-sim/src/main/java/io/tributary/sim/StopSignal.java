package io.tributary.sim;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Somebody wants the program to end (Ctrl-C). The working thread looks at it where it loops and waits; what may block
 * elsewhere is broken off after a grace. Threads are not interrupted: that would close the ledger's file.
 */
final class StopSignal {
    private static final long GRACE_MILLIS = 3000;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicReference<@Nullable Runnable> breakOff = new AtomicReference<>();

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits; true when the end was requested meanwhile. */
    boolean await(long nanos) throws InterruptedException {
        return requested.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** @param action ends what the working thread may be blocked in; null when nothing is left of it */
    void breakOffWith(@Nullable Runnable action) {
        breakOff.set(action);
    }

    /** The working thread has told its result. */
    void finished() {
        finished.countDown();
    }

    /** Asks for the end and waits for it, a bounded time. */
    void requestAndAwait() throws InterruptedException {
        requested.countDown();
        if (!finished.await(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
            Runnable action = breakOff.get();
            if (action != null) {
                action.run();
            }
            boolean ended = finished.await(2 * GRACE_MILLIS, TimeUnit.MILLISECONDS);
            if (!ended) {
                System.err.println("firmware-sim: the end of the work is not awaited any longer");
            }
        }
    }

    /** Asks for the end only. */
    void request() {
        requested.countDown();
    }
}
