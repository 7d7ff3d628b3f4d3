package io.tributary.sim.signal;

/** SplitMix64 (Steele, Lea, Flood 2014) in one long: a hundred thousand devices each have one. */
final class SignalRandom {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    /** The sum of four uniform numbers has a variance of 1/3: this makes it 1. */
    private static final double BELL_SCALE = 1.7320508;

    private long state;

    /** A stream of its own for each device of a fleet. */
    SignalRandom(long seed, long device) {
        state = mix(seed * GAMMA + device);
    }

    /** From 0 to below 1. */
    double uniform() {
        state += GAMMA;
        return (mix(state) >>> 11) * 0x1.0p-53;
    }

    /** Bell-shaped around 0, deviation 1, never beyond 3.5. */
    double bell() {
        return (uniform() + uniform() + uniform() + uniform() - 2) * BELL_SCALE;
    }

    /** From 0 to below {@code bound}. */
    int below(int bound) {
        return (int) (bound * uniform());
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
