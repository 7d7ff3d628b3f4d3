package io.tributary.agent.source.linux;

import java.nio.file.Path;

/** {@code /sys/class/thermal/thermal_zone*}: channel {@code thermal.TYPE}, in Cel. */
final class ThermalProbe implements Probe {
    private final Path zones;

    ThermalProbe(Path root) {
        this.zones = root.resolve("sys/class/thermal");
    }

    @Override
    public void read(Samples samples) {
        for (Path zone : SysFiles.entries(zones, "thermal_zone", samples)) {
            Double milli = SysFiles.number(zone.resolve("temp"), samples);
            if (milli != null) {
                String type = SysFiles.text(zone.resolve("type"), samples);
                samples.add("thermal." + (type == null ? SysFiles.name(zone) : type), "Cel", milli / 1000);
            }
        }
    }
}
