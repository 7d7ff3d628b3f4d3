package io.tributary.agent.source.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Industrial I/O, {@code /sys/bus/iio/devices/iio:device*}: channel {@code iio.CHIP.NAME}, {@code (raw + offset) * scale}
 * in the ABI's unit, brought to the one below (Documentation/ABI/testing/sysfs-bus-iio).
 */
final class IioProbe implements Probe {
    private static final Pattern CHANNEL = Pattern.compile("in_([a-z]+)(\\d*)(.*)_(raw|input)");
    private static final List<Kind> KINDS = List.of(
            new Kind("temp", "Cel", 0.001),
            new Kind("voltage", "V", 0.001),
            new Kind("current", "A", 0.001),
            new Kind("power", "W", 0.001),
            new Kind("resistance", "Ohm", 1),
            new Kind("pressure", "kPa", 1),
            new Kind("humidityrelative", "%RH", 0.001),
            new Kind("illuminance", "lx", 1),
            new Kind("intensity", "", 1),
            new Kind("proximity", "", 1),
            new Kind("accel", "m/s2", 1),
            new Kind("anglvel", "rad/s", 1),
            new Kind("magn", "G", 1),
            new Kind("angl", "rad", 1),
            new Kind("concentration", "%", 1),
            new Kind("ph", "pH", 1),
            new Kind("distance", "m", 1));

    private final Path devices;

    IioProbe(Path root) {
        this.devices = root.resolve("sys/bus/iio/devices");
    }

    /** @param factor from the ABI's unit to this one */
    private record Kind(String name, String unit, double factor) {}

    @Override
    public void read(Samples samples) {
        for (Path device : SysFiles.entries(devices, "iio:device", samples)) {
            String chip = SysFiles.text(device.resolve("name"), samples);
            for (Path file : SysFiles.entries(device, "in_", samples)) {
                Matcher parts = CHANNEL.matcher(SysFiles.name(file));
                if (parts.matches()) {
                    channel(device, chip == null ? SysFiles.name(device) : chip, file, parts, samples);
                }
            }
        }
    }

    private static void channel(Path device, String chip, Path file, Matcher parts, Samples samples) {
        String whole = "in_" + parts.group(1) + parts.group(2) + parts.group(3);
        String shared = "in_" + parts.group(1);
        Double raw = SysFiles.number(file, samples);
        if (raw == null) {
            return;
        }
        double value = raw;
        if (parts.group(4).equals("raw")) {
            if (SysFiles.text(device.resolve(whole + "_input"), samples) != null) {
                return; // the driver scales it itself, in another file
            }
            value = (raw + attribute(device, whole, shared, "offset", 0, samples))
                    * attribute(device, whole, shared, "scale", 1, samples);
        }
        Kind kind = kind(parts.group(1));
        String label = SysFiles.text(device.resolve(whole + "_label"), samples);
        samples.add(
                "iio." + chip + "." + (label == null || label.isEmpty() ? whole.substring(3) : label),
                kind == null ? "" : kind.unit(),
                value * (kind == null ? 1 : kind.factor()));
    }

    /** Of the channel itself, or shared by all of its kind. */
    private static double attribute(
            Path device, String whole, String shared, String name, double otherwise, Samples samples) {
        Double own = SysFiles.number(device.resolve(whole + "_" + name), samples);
        Double common = own == null ? SysFiles.number(device.resolve(shared + "_" + name), samples) : own;
        return common == null ? otherwise : common;
    }

    private static @Nullable Kind kind(String name) {
        for (Kind each : KINDS) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }
}
