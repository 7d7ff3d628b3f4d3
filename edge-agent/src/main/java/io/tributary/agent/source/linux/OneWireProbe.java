package io.tributary.agent.source.linux;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 1-wire thermometers, {@code /sys/bus/w1/devices/FAMILY-ID}: channel {@code w1.ID}, in Cel. Reading one takes up to 750 ms.
 *
 * <pre>
 * 72 01 4b 46 7f ff 0e 10 57 : crc=57 YES
 * 72 01 4b 46 7f ff 0e 10 57 t=23125
 * </pre>
 */
final class OneWireProbe implements Probe {
    /** DS18S20, DS1822, DS18B20, MAX31850, DS28EA00. */
    private static final Pattern THERMOMETER = Pattern.compile("(?:10|22|28|3b|42)-[0-9a-f]+");

    private static final Pattern VALUE = Pattern.compile("t=(-?\\d+)\\s*$");
    /** What the driver says of a bus that answers with ones only. */
    private static final int ABSENT = 127_937;

    private final Path devices;

    OneWireProbe(Path root) {
        this.devices = root.resolve("sys/bus/w1/devices");
    }

    @Override
    public void read(Samples samples) {
        for (Path device : SysFiles.entries(devices, "", samples)) {
            String id = SysFiles.name(device);
            if (!THERMOMETER.matcher(id).matches()) {
                continue;
            }
            String text = SysFiles.text(device.resolve("w1_slave"), samples);
            if (text == null) {
                continue;
            }
            Matcher value = VALUE.matcher(text);
            if (!text.contains(" YES") || !value.find()) {
                samples.failed(device + ": \"" + SysFiles.shown(text) + "\", expected a right checksum and t=");
                continue;
            }
            int milli = Integer.parseInt(value.group(1));
            if (milli == ABSENT) {
                samples.failed(device + ": the sensor does not answer");
            } else {
                samples.add("w1." + id, "Cel", milli / 1000.0);
            }
        }
    }
}
