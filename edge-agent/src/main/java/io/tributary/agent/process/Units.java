package io.tributary.agent.process;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Units that can be converted into each other, by the names of SenML (RFC 8428, RFC 8798) and those that devices print.
 * Names that mean several things are left out: F is farad and Fahrenheit.
 */
final class Units {
    private static final Map<String, Unit> BY_NAME = new HashMap<>();

    /** {@code base = value * factor + offset}. */
    private record Unit(String quantity, double factor, double offset) {}

    /** From one unit to another: {@code value * factor + offset}. */
    record Conversion(double factor, double offset) {
        double apply(double value) {
            return value * factor + offset;
        }
    }

    static {
        unit("temperature", 1, 0, "K");
        unit("temperature", 1, 273.15, "Cel", "°C", "degC");
        unit("temperature", 5.0 / 9, 459.67 * 5 / 9, "°F", "degF");
        unit("pressure", 1, 0, "Pa");
        unit("pressure", 100, 0, "hPa", "mbar");
        unit("pressure", 1_000, 0, "kPa");
        unit("pressure", 100_000, 0, "bar");
        unit("pressure", 6_894.757293168, 0, "psi");
        unit("length", 0.001, 0, "mm");
        unit("length", 0.01, 0, "cm");
        unit("length", 1, 0, "m");
        unit("length", 1_000, 0, "km");
        unit("length", 0.0254, 0, "in");
        unit("length", 0.3048, 0, "ft");
        unit("speed", 1, 0, "m/s");
        unit("speed", 1 / 3.6, 0, "km/h");
        unit("power", 0.001, 0, "mW");
        unit("power", 1, 0, "W");
        unit("power", 1_000, 0, "kW");
        unit("power", 1_000_000, 0, "MW");
        unit("energy", 1, 0, "J");
        unit("energy", 1_000, 0, "kJ");
        unit("energy", 3_600, 0, "Wh");
        unit("energy", 3_600_000, 0, "kWh");
        unit("voltage", 0.001, 0, "mV");
        unit("voltage", 1, 0, "V");
        unit("voltage", 1_000, 0, "kV");
        unit("current", 0.001, 0, "mA");
        unit("current", 1, 0, "A");
        unit("ratio", 1, 0, "/");
        unit("ratio", 0.01, 0, "%");
        unit("time", 0.001, 0, "ms");
        unit("time", 1, 0, "s");
        unit("time", 60, 0, "min");
        unit("time", 3_600, 0, "h");
        unit("mass", 0.001, 0, "g");
        unit("mass", 1, 0, "kg");
        unit("mass", 1_000, 0, "t");
        unit("volume", 0.001, 0, "l", "L");
        unit("volume", 1, 0, "m3", "m³");
        unit("frequency", 1, 0, "Hz");
        unit("frequency", 1_000, 0, "kHz");
        unit("frequency", 1_000_000, 0, "MHz");
        unit("angle", 1, 0, "rad");
        unit("angle", Math.PI / 180, 0, "deg", "°");
    }

    private Units() {}

    private static void unit(String quantity, double factor, double offset, String... names) {
        for (String name : names) {
            BY_NAME.put(name, new Unit(quantity, factor, offset));
        }
    }

    /** Null when one of them is not known, or they measure something different. */
    static @Nullable Conversion between(String from, String to) {
        Unit source = BY_NAME.get(from);
        Unit target = BY_NAME.get(to);
        if (source == null || target == null || !source.quantity().equals(target.quantity())) {
            return null;
        }
        return new Conversion(source.factor() / target.factor(), (source.offset() - target.offset()) / target.factor());
    }
}
