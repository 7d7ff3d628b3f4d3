package io.tributary.sim.signal;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.util.Map;

/**
 * A truck of the fleet on which other databases were measured, bit for bit, so that figures can stand beside theirs: three
 * random walks with 2 decimals, position and speed of full precision or as real devices round them, two counters, a
 * state, a door. The order in which random numbers are drawn is part of the shape.
 */
final class ReferenceDevice implements DeviceSignals {
    static final int CHANNELS = 10;
    private static final Channel TEMPERATURE = Channel.of("temperature", ValueType.DOUBLE);
    private static final Channel HUMIDITY = Channel.of("humidity", ValueType.DOUBLE);
    private static final Channel VOLTAGE = Channel.of("voltage", ValueType.DOUBLE);
    private static final Channel LATITUDE = Channel.of("latitude", ValueType.DOUBLE);
    private static final Channel LONGITUDE = Channel.of("longitude", ValueType.DOUBLE);
    private static final Channel VELOCITY = Channel.of("velocity", ValueType.DOUBLE);
    private static final Channel ODOMETER = Channel.of("odometer", ValueType.LONG);
    private static final Channel MESSAGES = Channel.of("msgs", ValueType.LONG);
    private static final Channel STATUS = Channel.of("status", ValueType.LONG);
    private static final Channel DOOR = Channel.of("door", ValueType.BOOL);
    private static final int METRES_PER_DEGREE = 111_320;

    private final Device device;
    private final double intervalMillis;
    private final boolean asDevicesRound;
    private final SignalRandom random;
    private double temperature;
    private double humidity;
    private double voltage;
    private double latitude;
    private double longitude;
    private double velocity;
    private double heading;
    private long odometer;
    private long messages;
    private int status;
    private boolean door;

    ReferenceDevice(int number, long seed, double intervalMillis, boolean asDevicesRound) {
        this.intervalMillis = intervalMillis;
        this.asDevicesRound = asDevicesRound;
        device = new Device(
                "d%06d".formatted(number),
                Map.of("site", "site" + number % 20, "model", "model" + number % 7, "fw", "v1." + number % 5));
        random = new SignalRandom(seed, number);
        temperature = 15 + 15 * random.uniform();
        humidity = 30 + 40 * random.uniform();
        voltage = 12 + 2 * random.uniform();
        latitude = -60 + 120 * random.uniform();
        longitude = -180 + 360 * random.uniform();
        velocity = 50 * random.uniform();
        heading = 2 * Math.PI * random.uniform();
        odometer = (long) (200_000_000 * random.uniform());
        messages = (long) (1_000_000 * random.uniform());
        status = random.below(6);
        door = random.uniform() >= 0.5;
    }

    @Override
    public Row step(long eventTimeNs) {
        temperature += 0.03 * random.bell() + 0.002 * (22 - temperature);
        humidity += 0.08 * random.bell() + 0.002 * (50 - humidity);
        voltage += 0.01 * random.bell() + 0.01 * (13 - voltage);
        velocity = Math.min(100, Math.max(0, velocity + random.bell()));
        heading += 0.05 * random.bell();
        double metres = velocity / 3.6 * intervalMillis / 1000;
        latitude += metres * Math.cos(heading) / METRES_PER_DEGREE;
        longitude += metres * Math.sin(heading) / METRES_PER_DEGREE;
        odometer += (long) metres;
        messages += 1 + (random.uniform() < 0.02 ? random.below(10) : 0);
        if (random.uniform() < 0.005) {
            status = random.below(6);
        }
        if (random.uniform() < 0.01) {
            door = !door;
        }
        return Row.builder(device, eventTimeNs, CHANNELS)
                .add(TEMPERATURE, Signal.rounded(temperature, 100))
                .add(HUMIDITY, Signal.rounded(humidity, 100))
                .add(VOLTAGE, Signal.rounded(voltage, 100))
                .add(LATITUDE, asDevicesRound ? Signal.rounded(latitude, 1e6) : latitude)
                .add(LONGITUDE, asDevicesRound ? Signal.rounded(longitude, 1e6) : longitude)
                .add(VELOCITY, asDevicesRound ? Signal.rounded(velocity, 100) : velocity)
                .add(ODOMETER, odometer)
                .add(MESSAGES, messages)
                .add(STATUS, status)
                .add(DOOR, door)
                .build();
    }
}
