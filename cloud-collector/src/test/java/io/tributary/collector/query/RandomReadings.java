package io.tributary.collector.query;

import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.Map;
import java.util.Random;

/** A small store of everything that queries stumble over. Values are multiples of 1/4, so that sums are exact. */
final class RandomReadings {
    static final long SPAN = 10_000;

    private static final Channel[] CHANNELS = {
        new Channel("count", ValueType.LONG, ""),
        new Channel("on", ValueType.BOOL, ""),
        new Channel("state", ValueType.STRING, ""),
        new Channel("temperature", ValueType.DOUBLE, "°C"),
        // The same name with another type, at times of its own.
        new Channel("temperature", ValueType.LONG, "°F"),
        new Channel("torque", ValueType.DOUBLE, "N m"),
    };

    private RandomReadings() {}

    static MemoryReadings store(Random random) {
        MemoryReadings store = new MemoryReadings(1 + random.nextInt(3000), random.nextBoolean());
        int devices = 1 + random.nextInt(5);
        for (int d = 0; d < devices; d++) {
            String device = "pump-" + d;
            store.tags(device, d % 3 == 2 ? Map.of() : Map.of("site", "s" + d % 2, "model", "m"));
            for (Channel channel : CHANNELS) {
                int rows = random.nextInt(60);
                for (int i = 0; i < rows; i++) {
                    store.add(reading(random, device, channel));
                }
            }
        }
        return store;
    }

    private static Stored reading(Random random, String device, Channel channel) {
        long event = random.nextInt((int) SPAN) - SPAN / 2;
        long edge = event + random.nextInt(2000);
        Object value = switch (channel.type()) {
            case DOUBLE -> random.nextInt(15) == 0 ? Double.NaN : (random.nextInt(4000) - 2000) / 4.0;
            case LONG -> (long) random.nextInt(1000);
            case BOOL -> random.nextBoolean();
            case STRING -> "s" + random.nextInt(3);
        };
        return new Stored(
                device, channel, event, edge, edge + random.nextInt(50), value, random.nextInt(5) == 0 ? 0x81 : 0);
    }
}
