package io.tributary.sim.signal;

import io.tributary.model.Device;
import io.tributary.sim.row.Row;
import java.util.Map;

/** A device with channels of every kind, in turn. */
final class MixedDevice implements DeviceSignals {
    private static final int KINDS = 7;
    /** Away from the poles. */
    private static final double LATITUDE_REACH = 60;

    private static final double LONGITUDE_REACH = 180;

    private final Device device;
    private final Signal[] signals;

    MixedDevice(int number, int channels, long seed, String prefix) {
        device = new Device(
                prefix + "%05d".formatted(number), Map.of("site", "site" + number % 10, "model", "model" + number % 3));
        SignalRandom random = new SignalRandom(seed, number);
        signals = new Signal[channels];
        for (int i = 0; i < channels; i++) {
            signals[i] = signal(i % KINDS, i < KINDS ? "" : "-" + (i / KINDS + 1), random);
        }
    }

    private static Signal signal(int kind, String suffix, SignalRandom random) {
        return switch (kind) {
            case 0 -> new Signal.Drift("temperature" + suffix, random);
            case 1 -> new Signal.Counter("cycles" + suffix, random);
            case 2 -> new Signal.State("state" + suffix, random);
            case 3 -> new Signal.Switch("door" + suffix, random);
            case 4 -> new Signal.Steps("pressure" + suffix, random);
            case 5 -> new Signal.Coordinate("latitude" + suffix, LATITUDE_REACH, random);
            default -> new Signal.Coordinate("longitude" + suffix, LONGITUDE_REACH, random);
        };
    }

    @Override
    public Row step(long eventTimeNs) {
        Row.Builder row = Row.builder(device, eventTimeNs, signals.length);
        for (Signal signal : signals) {
            signal.step(row);
        }
        return row.build();
    }
}
