package io.tributary.sim.load;

import io.tributary.config.HostPort;

/**
 * What a load run sends.
 *
 * @param collector gRPC address
 * @param agents streams, each an agent of its own, over which the batches are spread
 * @param devices of the fleet
 * @param steps rows of each device, those of the warm-up included
 * @param warmUpSteps rows of each device that are sent and acknowledged before the clock starts
 * @param warmUpRounds how often the warm-up is sent at most: until the collector's compilers are quiet, when it is more
 *     than once
 * @param startNs event time of the first row
 * @param channels 0: the ten of the reference fleet; else so many of a mixed device
 * @param rounded whether positions and speeds are rounded as devices round them
 * @param batchDevices devices that share a batch
 * @param batchRows rows of a batch
 * @param late share of rows held back, 0 to 1, by up to {@code lateSteps} steps
 * @param duplicate share of rows sent twice
 */
public record LoadPlan(
        HostPort collector,
        int agents,
        int devices,
        long steps,
        long warmUpSteps,
        int warmUpRounds,
        long startNs,
        long intervalNs,
        long seed,
        int channels,
        boolean rounded,
        int batchDevices,
        int batchRows,
        double late,
        int lateSteps,
        double duplicate) {
    public LoadPlan {
        require(agents >= 1 && agents <= 1000, "agents", agents, "1 to 1000");
        require(devices >= 1 && devices <= 10_000_000, "devices", devices, "1 to 10000000");
        require(steps >= 1, "steps", steps, "1 or more");
        require(warmUpSteps >= 0 && warmUpSteps < steps, "warm-up steps", warmUpSteps, "fewer than steps");
        require(warmUpRounds >= 1 && warmUpRounds <= 1000, "warm-up rounds", warmUpRounds, "1 to 1000");
        require(warmUpRounds == 1 || warmUpSteps > 0, "warm-up steps", warmUpSteps, "at least one, for several rounds");
        require(channels >= 0 && channels <= 1000, "channels", channels, "0 to 1000");
        require(batchDevices >= 1, "batch devices", batchDevices, "1 or more");
        require(batchRows >= batchDevices, "batch rows", batchRows, "at least a row per device");
        require(late >= 0 && late < 1, "late", late, "0 to 1");
        require(duplicate >= 0 && duplicate < 1, "duplicate", duplicate, "0 to 1");
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }

    /** The warm-up alone, for the {@code index}th time: later, with other values. */
    LoadPlan round(int index) {
        return part(index, warmUpSteps, seed + (long) (index + 1) * devices);
    }

    /** What is measured, behind so many rounds of warm-up. */
    LoadPlan behind(int rounds) {
        return part(rounds, steps - warmUpSteps, seed);
    }

    private LoadPlan part(int rounds, long ofSteps, long ofSeed) {
        return new LoadPlan(
                collector,
                agents,
                devices,
                ofSteps,
                0,
                1,
                Math.addExact(startNs, Math.multiplyExact(rounds * warmUpSteps, intervalNs)),
                intervalNs,
                ofSeed,
                channels,
                rounded,
                batchDevices,
                batchRows,
                late,
                lateSteps,
                duplicate);
    }

    /** Groups of devices that share batches. */
    int groups() {
        return (devices + batchDevices - 1) / batchDevices;
    }
}
