package io.tributary.process;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT, as a thing to wait for. Not a shutdown hook: those run beside the one that closes the log, so that
 * what a program says while it drains would be lost, and the exit code would be 143 after a clean stop, too.
 */
public final class StopSignal {
    private final CountDownLatch first = new CountDownLatch(1);

    private StopSignal() {}

    /** From here on the first signal is kept for {@link #await()}; a second one ends the process at once, with 130. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> stop.received());
        }
        return stop;
    }

    private void received() {
        if (first.getCount() == 0) {
            Runtime.getRuntime().halt(130);
        }
        first.countDown();
    }

    /** Returns when the process is told to stop, at once when it was already. */
    public void await() throws InterruptedException {
        first.await();
    }

    public boolean isReceived() {
        return first.getCount() == 0;
    }
}
