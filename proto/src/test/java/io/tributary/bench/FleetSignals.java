package io.tributary.bench;

import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;

/**
 * Signals of one device of the fleet on which the databases were measured: ten channels, random walks with 2 decimals,
 * positions and speed of full precision or rounded as devices send them, counters, a state, a door.
 */
final class FleetSignals {
    static final String[] CHANNELS = {
        "temperature", "humidity", "voltage", "latitude", "longitude", "velocity", "odometer", "msgs", "status", "door"
    };
    static final long BASE_NS = 1_704_067_200_000_000_000L;
    static final long INTERVAL_NS = 10_000_000_000L;

    private static final Long SEED = 42L;

    private final boolean rounded;
    private long random;
    private final double[] values = new double[10];
    private double temperature;
    private double humidity;
    private double voltage;
    private double heading;
    private double latitude;
    private double longitude;
    private double velocity;

    FleetSignals(int device, boolean rounded) {
        this.rounded = rounded;
        random = mix(SEED * 0x9E3779B97F4A7C15L + device);
        temperature = 15 + 15 * uniform();
        humidity = 30 + 40 * uniform();
        voltage = 12 + 2 * uniform();
        latitude = -60 + 120 * uniform();
        longitude = -180 + 360 * uniform();
        velocity = 50 * uniform();
        heading = 2 * Math.PI * uniform();
        values[6] = (long) (200_000_000 * uniform());
        values[7] = (long) (1_000_000 * uniform());
        values[8] = (int) (6 * uniform());
        values[9] = uniform() < .5 ? 0 : 1;
    }

    /** One column per channel, each of so many steps. */
    static double[][] columns(int device, int steps, boolean rounded) {
        FleetSignals signals = new FleetSignals(device, rounded);
        double[][] columns = new double[10][steps];
        for (int step = 0; step < steps; step++) {
            signals.step();
            for (int channel = 0; channel < 10; channel++) {
                columns[channel][step] = signals.values[channel];
            }
        }
        return columns;
    }

    /** Adds the present values as a row. */
    void addTo(BatchBuilder builder, Device device, long eventTimeNs, long edgeTimeNs) {
        builder.row(device, eventTimeNs, edgeTimeNs);
        for (int channel = 0; channel < 6; channel++) {
            builder.set(CHANNELS[channel], values[channel]);
        }
        builder.set(CHANNELS[6], values[6]);
        builder.set(CHANNELS[7], (long) values[7]);
        builder.set(CHANNELS[8], (long) values[8]);
        builder.set(CHANNELS[9], values[9] != 0);
    }

    void step() {
        temperature += 0.03 * bell() + 0.002 * (22 - temperature);
        humidity += 0.08 * bell() + 0.002 * (50 - humidity);
        voltage += 0.01 * bell() + 0.01 * (13 - voltage);
        values[0] = Math.rint(temperature * 100) / 100;
        values[1] = Math.rint(humidity * 100) / 100;
        values[2] = Math.rint(voltage * 100) / 100;
        velocity = Math.min(100, Math.max(0, velocity + bell()));
        heading += 0.05 * bell();
        double metres = velocity / 3.6 * 10;
        latitude += metres * Math.cos(heading) / 111_320;
        longitude += metres * Math.sin(heading) / 111_320;
        values[3] = rounded ? Math.rint(latitude * 1e6) / 1e6 : latitude;
        values[4] = rounded ? Math.rint(longitude * 1e6) / 1e6 : longitude;
        values[5] = rounded ? Math.rint(velocity * 100) / 100 : velocity;
        values[6] += (long) metres;
        values[7] += 1 + (uniform() < 0.02 ? (int) (10 * uniform()) : 0);
        if (uniform() < 0.005) {
            values[8] = (int) (6 * uniform());
        }
        if (uniform() < 0.01) {
            values[9] = 1 - values[9];
        }
    }

    private double bell() {
        return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508;
    }

    private double uniform() {
        random += 0x9E3779B97F4A7C15L;
        return (mix(random) >>> 11) * 0x1.0p-53;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
