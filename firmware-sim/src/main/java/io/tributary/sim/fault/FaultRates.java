package io.tributary.sim.fault;

/**
 * How often rows go wrong, from 0 to 1.
 *
 * @param late held back for a random number of steps
 * @param lateStepsMax the most steps
 * @param duplicate sent again, unchanged, some steps later
 * @param outOfOrder sent right after the device's next row
 */
public record FaultRates(double late, int lateStepsMax, double duplicate, double outOfOrder) {
    public FaultRates {
        share("late", late);
        share("duplicate", duplicate);
        share("out of order", outOfOrder);
        if (lateStepsMax < 1 || lateStepsMax > 1_000_000) {
            throw new IllegalArgumentException("late by up to " + lateStepsMax + " steps, expected 1 to 1000000");
        }
    }

    private static void share(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " is " + value * 100 + " %, expected 0 to 100");
        }
    }
}
