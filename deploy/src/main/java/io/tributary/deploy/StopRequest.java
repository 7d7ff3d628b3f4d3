package io.tributary.deploy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as something to wait for and to look at. The JVM ends when what was started has been stopped and
 * removed, at the latest after a minute.
 */
final class StopRequest {
    private static final long CLEAN_UP_SECONDS = 60;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch cleanedUp = new CountDownLatch(1);

    private StopRequest() {}

    static StopRequest install() {
        StopRequest stop = new StopRequest();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::shutdown, "shutdown"));
        return stop;
    }

    private void shutdown() {
        requested.countDown();
        try {
            if (!cleanedUp.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("some programs may still run");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    void await() {
        try {
            requested.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything is stopped: the JVM may end. */
    void done() {
        cleanedUp.countDown();
    }
}
