package io.tributary.sim;

import java.util.function.LongSupplier;
import picocli.CommandLine.Option;

/** How fast rows follow each other. */
final class PaceMixin {
    @Option(
            names = "--speed",
            defaultValue = "max",
            paramLabel = "N|max",
            description = "1: as fast as the event times; N: N times as fast. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Speed speed;

    @Option(names = "--rate", defaultValue = "0", paramLabel = "R", description = "At most R readings per second.")
    private double rate;

    /** Whether rows go as fast as they are taken. */
    boolean isMax() {
        return speed.isMax();
    }

    Pacer pacer(LongSupplier nanoTime) {
        return new Pacer(speed, rate, nanoTime);
    }
}
