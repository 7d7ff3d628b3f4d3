package io.tributary.agent.source.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.process.Glob;
import io.tributary.agent.source.Contexts;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On trees of files as kernels make them. */
final class LinuxSourceTest {
    @TempDir
    Path root;

    private void tree(Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> each : files.entrySet()) {
            Path file = root.resolve(each.getKey());
            Files.createDirectories(file.getParent() == null ? root : file.getParent());
            Files.writeString(file, each.getValue() + "\n");
        }
    }

    private static List<String> shown(Samples samples) {
        Batch batch = samples.batch().build();
        List<String> units = new ArrayList<>();
        for (String each : Contexts.shown(List.of(batch))) {
            String name = each.substring(2, each.indexOf('@', each.indexOf(' ')));
            String unit = batch.channels().stream()
                    .filter(channel -> channel.name().equals(name))
                    .map(Channel::unit)
                    .findFirst()
                    .orElse("?");
            units.add(name + "=" + each.substring(each.lastIndexOf('=') + 1) + " " + unit);
        }
        return units;
    }

    private static Samples read(Probe probe) {
        Samples samples = new Samples(Device.of("d"), Glob.parse("*"));
        probe.read(samples);
        return samples;
    }

    @Test
    void thermal_namesZonesByTheirType_andTellsThemApart() throws Exception {
        tree(Map.of(
                "sys/class/thermal/thermal_zone0/type", "cpu-thermal",
                "sys/class/thermal/thermal_zone0/temp", "48312",
                "sys/class/thermal/thermal_zone1/type", "cpu-thermal",
                "sys/class/thermal/thermal_zone1/temp", "-5000",
                "sys/class/thermal/thermal_zone10/temp", "1000",
                "sys/class/thermal/thermal_zone2/temp", "broken",
                "sys/class/thermal/cooling_device0/type", "fan"));
        Samples samples = read(new ThermalProbe(root));
        assertThat(shown(samples))
                .containsExactlyInAnyOrder(
                        "thermal.cpu-thermal=48.312 Cel",
                        "thermal.cpu-thermal.2=-5.0 Cel",
                        "thermal.thermal_zone10=1.0 Cel");
        assertThat(samples.failures()).isOne();
        assertThat(samples.firstFailure()).contains("thermal_zone2/temp holds \"broken\"");
    }

    @Test
    void hwmon_scalesByKind() throws Exception {
        tree(Map.of(
                "sys/class/hwmon/hwmon0/name", "sht3x",
                "sys/class/hwmon/hwmon0/temp1_input", "21500",
                "sys/class/hwmon/hwmon0/temp1_label", "Ambient Air",
                "sys/class/hwmon/hwmon0/temp1_max", "90000",
                "sys/class/hwmon/hwmon0/humidity1_input", "45200",
                "sys/class/hwmon/hwmon1/in0_input", "3310",
                "sys/class/hwmon/hwmon1/curr1_input", "250",
                "sys/class/hwmon/hwmon1/power1_average", "1500000",
                "sys/class/hwmon/hwmon1/fan1_input", "1200"));
        assertThat(shown(read(new HwmonProbe(root))))
                .containsExactlyInAnyOrder(
                        "hwmon.sht3x.Ambient_Air=21.5 Cel",
                        "hwmon.sht3x.humidity1=45.2 %RH",
                        "hwmon.hwmon1.in0=3.31 V",
                        "hwmon.hwmon1.curr1=0.25 A",
                        "hwmon.hwmon1.power1=1.5 W",
                        "hwmon.hwmon1.fan1=1200.0 1/min");
    }

    @Test
    void iio_appliesOffsetAndScale_ownOrShared() throws Exception {
        String adc = "sys/bus/iio/devices/iio:device0/";
        String bme = "sys/bus/iio/devices/iio:device1/";
        tree(Map.of(
                adc + "name", "ads1015",
                adc + "in_voltage0_raw", "1000",
                adc + "in_voltage0_scale", "2",
                adc + "in_voltage1-voltage2_raw", "-10",
                adc + "in_voltage_scale", "3",
                bme + "name", "bme280",
                bme + "in_temp_input", "21500",
                bme + "in_pressure_raw", "90",
                bme + "in_pressure_offset", "10",
                bme + "in_humidityrelative_input", "45200"));
        assertThat(shown(read(new IioProbe(root))))
                .containsExactlyInAnyOrder(
                        "iio.ads1015.voltage0=2.0 V",
                        "iio.ads1015.voltage1-voltage2=-0.03 V",
                        "iio.bme280.temp=21.5 Cel",
                        "iio.bme280.pressure=100.0 kPa",
                        "iio.bme280.humidityrelative=45.2 %RH");
    }

    @Test
    void oneWire_wantsTheChecksumRight() throws Exception {
        String right = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125";
        tree(Map.of(
                "sys/bus/w1/devices/28-0316a2794fff/w1_slave", right,
                "sys/bus/w1/devices/28-000000000001/w1_slave", right.replace("YES", "NO"),
                "sys/bus/w1/devices/28-000000000002/w1_slave", right.replace("23125", "127937"),
                "sys/bus/w1/devices/28-000000000003/w1_slave", right.replace("23125", "-1250"),
                "sys/bus/w1/devices/w1_bus_master1/w1_slave_count", "4"));
        Samples samples = read(new OneWireProbe(root));
        assertThat(shown(samples))
                .containsExactlyInAnyOrder("w1.28-0316a2794fff=23.125 Cel", "w1.28-000000000003=-1.25 Cel");
        assertThat(samples.failures()).isEqualTo(2);
    }

    @Test
    void loadMemoryAndDisk_areRead() throws Exception {
        tree(Map.of(
                "proc/loadavg", "0.52 0.58 0.59 2/1234 5678",
                "proc/uptime", "12345.67 9999.0",
                "proc/meminfo", "MemTotal:        1000 kB\nMemAvailable:     400 kB\nHugePages_Total:       0",
                "proc/mounts",
                        "overlay / overlay rw 0 0\nproc /proc proc rw 0 0\n/dev/sda1 /proc/meminfo ext4 rw 0 0"));
        assertThat(shown(read(new LoadProbe(root))))
                .containsExactlyInAnyOrder("load.1m=0.52 ", "load.5m=0.58 ", "load.15m=0.59 ", "uptime=12345.67 s");
        assertThat(shown(read(new MemoryProbe(root))))
                .containsExactlyInAnyOrder("memory.total=1024000.0 B", "memory.available=409600.0 B");
        assertThat(shown(read(new DiskProbe(root)))).hasSize(3).allMatch(each -> each.startsWith("disk./."));
    }

    @Test
    void nothingThere_isNothing() {
        for (Probe probe : List.of(
                new ThermalProbe(root),
                new HwmonProbe(root),
                new IioProbe(root),
                new OneWireProbe(root),
                new LoadProbe(root),
                new MemoryProbe(root),
                new DiskProbe(root))) {
            Samples samples = read(probe);
            assertThat(samples.failures()).isZero();
            assertThat(shown(samples)).isEmpty();
        }
    }

    @Test
    void source_pollsWhatIsConfigured_andLosesNothingThatWasRead() throws Exception {
        tree(Map.of(
                "proc/loadavg", "0.52 0.58 0.59 2/1234 5678",
                "sys/class/thermal/thermal_zone0/temp", "48312"));
        PrometheusRegistry registry = new PrometheusRegistry();
        try (FlakyIntake intake = new FlakyIntake(1, 0.3)) {
            Source source = Contexts.config(LinuxConfig.class, "root: " + root + """

                    sensors:
                      - {sensor: thermal, interval: 1ms}
                      - {sensor: load, interval: 1ms, channels: "load.?m"}
                      - {sensor: hwmon, interval: 1ms}
                    """)
                    .open(Contexts.context(intake, new SystemClock(), root, registry));
            source.start();
            await().until(() -> intake.readings() > 300);
            source.close();
            double settled = Contexts.sum(registry, "tributary_agent_linux_settled");
            assertThat(settled).isPositive();
            assertThat(intake.taken())
                    .flatExtracting(Batch::channels)
                    .extracting(Channel::name)
                    .containsOnly("thermal.thermal_zone0", "load.1m", "load.5m");
            assertThat(intake.taken()).flatExtracting(Batch::devices).containsOnly(Device.of("agent"));
        }
    }
}
