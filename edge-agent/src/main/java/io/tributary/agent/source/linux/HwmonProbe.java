package io.tributary.agent.source.linux;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code /sys/class/hwmon/hwmon*}: channel {@code hwmon.CHIP.LABEL}, scaled as the kernel's hwmon ABI has it
 * (Documentation/hwmon/sysfs-interface).
 */
final class HwmonProbe implements Probe {
    private static final Pattern INPUT = Pattern.compile("([a-z]+)\\d+_(?:input|average)");

    private final Path chips;

    HwmonProbe(Path root) {
        this.chips = root.resolve("sys/class/hwmon");
    }

    private record Scale(String unit, double divisor) {}

    private static final Map<String, Scale> SCALES = Map.of(
            "temp", new Scale("Cel", 1000),
            "in", new Scale("V", 1000),
            "curr", new Scale("A", 1000),
            "power", new Scale("W", 1_000_000),
            "energy", new Scale("J", 1_000_000),
            "humidity", new Scale("%RH", 1000),
            "fan", new Scale("1/min", 1));

    @Override
    public void read(Samples samples) {
        for (Path chip : SysFiles.entries(chips, "hwmon", samples)) {
            String named = SysFiles.text(chip.resolve("name"), samples);
            String prefix = "hwmon." + (named == null ? SysFiles.name(chip) : named) + ".";
            for (Path file : SysFiles.entries(chip, "", samples)) {
                Matcher input = INPUT.matcher(SysFiles.name(file));
                Scale scale = input.matches() ? scale(input) : null;
                Double raw = scale == null ? null : SysFiles.number(file, samples);
                if (scale != null && raw != null) {
                    String sensor = SysFiles.name(file).replaceFirst("_.*", "");
                    String label = SysFiles.text(chip.resolve(sensor + "_label"), samples);
                    samples.add(
                            prefix + (label == null || label.isEmpty() ? sensor : label),
                            scale.unit(),
                            raw / scale.divisor());
                }
            }
        }
    }

    private static @Nullable Scale scale(Matcher input) {
        return SCALES.get(input.group(1));
    }
}
