package io.tributary.sim.signal;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Rows of a fleet: at every step each device once, all at the same event time. */
public final class FleetRows implements RowStream {
    /** Event time of the reference fleet's first step, 2024-01-01. */
    public static final long REFERENCE_START_NS = 1_704_067_200_000_000_000L;

    private static final double NANOS_PER_MILLI = 1e6;

    private final DeviceSignals[] devices;
    private final long steps;
    private final long startNs;
    private final long intervalNs;
    /** Written by the working thread, read by the progress line. */
    private volatile long step;

    private int nextDevice;

    private FleetRows(
            int first, int devices, long steps, long startNs, long intervalNs, IntFunction<DeviceSignals> device) {
        this.devices = new DeviceSignals[devices];
        this.steps = steps;
        this.startNs = startNs;
        this.intervalNs = intervalNs;
        for (int i = 0; i < devices; i++) {
            this.devices[i] = device.apply(first + i);
        }
    }

    /** Devices with signals of every kind. */
    public static FleetRows mixed(
            int devices, int channels, long steps, long startNs, long intervalNs, long seed, String prefix) {
        return mixed(0, devices, channels, steps, startNs, intervalNs, seed, prefix);
    }

    /** A part of a mixed fleet, from its device {@code first} on. */
    public static FleetRows mixed(
            int first, int devices, int channels, long steps, long startNs, long intervalNs, long seed, String prefix) {
        return new FleetRows(
                first, devices, steps, startNs, intervalNs, number -> new MixedDevice(number, channels, seed, prefix));
    }

    /** The fleet on which other databases were measured, see {@link ReferenceDevice}. */
    public static FleetRows reference(
            int devices, long steps, long startNs, long intervalNs, long seed, boolean asDevicesRound) {
        return reference(0, devices, steps, startNs, intervalNs, seed, asDevicesRound);
    }

    /** A part of the reference fleet, from its device {@code first} on. */
    public static FleetRows reference(
            int first, int devices, long steps, long startNs, long intervalNs, long seed, boolean asDevicesRound) {
        double intervalMillis = intervalNs / NANOS_PER_MILLI;
        return new FleetRows(
                first,
                devices,
                steps,
                startNs,
                intervalNs,
                number -> new ReferenceDevice(number, seed, intervalMillis, asDevicesRound));
    }

    @Override
    public @Nullable Row next() {
        if (step >= steps || devices.length == 0) {
            return null;
        }
        Row row = devices[nextDevice].step(startNs + step * intervalNs);
        if (++nextDevice == devices.length) {
            nextDevice = 0;
            endStep();
        }
        return row;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void endStep() {
        step++;
    }

    @Override
    public double fraction() {
        return steps == 0 ? 1 : (double) step / steps;
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
