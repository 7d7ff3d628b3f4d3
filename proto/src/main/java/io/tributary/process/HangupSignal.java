package io.tributary.process;

import sun.misc.Signal;

/** SIGHUP, which by custom asks a program to read its configuration anew. */
public final class HangupSignal {
    private HangupSignal() {}

    /** @param action called on a thread of the JVM for each signal; must not block for long. Replaces the one before */
    public static void onEach(Runnable action) {
        Signal.handle(new Signal("HUP"), signal -> action.run());
    }
}
