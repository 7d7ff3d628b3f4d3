package io.tributary.model;

/**
 * One measured quantity of a device.
 *
 * @param name 1 to 255 UTF-8 bytes without control characters
 * @param unit as the device names it; empty when unknown
 */
public record Channel(String name, ValueType type, String unit) {
    public Channel {
        Names.check("channel name", name);
        if (!unit.isEmpty()) {
            Names.check("unit", unit);
        }
    }

    public static Channel of(String name, ValueType type) {
        return new Channel(name, type, "");
    }
}
