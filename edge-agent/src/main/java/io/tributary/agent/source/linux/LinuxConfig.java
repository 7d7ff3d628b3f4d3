package io.tributary.agent.source.linux;

import io.tributary.agent.process.Glob;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import io.tributary.model.Device;
import io.tributary.model.Names;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What to read of this machine.
 *
 * @param device empty: the agent's ID
 * @param root what {@code /sys} and {@code /proc} are below; another one in containers and tests
 */
@TypeName("linux")
public record LinuxConfig(
        @Default("linux") String name,
        @Default("\"\"") String device,
        @Default("/") Path root,
        @Default("synced") Durability durability,

        @Default("[{sensor: thermal}, {sensor: hwmon}, {sensor: iio}, {sensor: one-wire, interval: 30s},"
                + " {sensor: load}, {sensor: memory}, {sensor: disk, interval: 1m}]")
        List<Sensor> sensors)
        implements SourceConfig {
    /**
     * @param interval between two readings
     * @param channels of which channels; others are not read
     */
    public record Sensor(
            Kind sensor,
            @Default("10s") Duration interval,
            @Default("\"*\"") Glob channels) {
        public Sensor {
            Checks.positive("interval", interval);
        }
    }

    /** What can be read. */
    public enum Kind {
        THERMAL,
        HWMON,
        IIO,
        ONE_WIRE,
        LOAD,
        MEMORY,
        DISK
    }

    public LinuxConfig {
        Checks.name(name);
        if (!device.isEmpty()) {
            Names.check("device", device);
        }
        sensors = List.copyOf(sensors);
        if (sensors.isEmpty()) {
            throw new IllegalArgumentException("sensors is empty, expected at least one");
        }
    }

    @Override
    public Source open(SourceContext context) {
        return new LinuxSource(
                this,
                Device.of(device.isEmpty() ? context.agent() : device),
                context.intake(),
                context.clock(),
                context.metrics(LinuxMetrics.class, LinuxMetrics::new));
    }
}
