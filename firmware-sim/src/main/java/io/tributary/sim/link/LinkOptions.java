package io.tributary.sim.link;

import io.tributary.config.HostPort;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the agent.
 *
 * @param mqtt does not count for other transports
 * @param connections devices are spread over so many, by the hash of their ID or, with MQTT, in turn; each keeps its order
 * @param windowDeliveries sent and not yet answered, per connection: the bound on memory and on what can be in doubt
 * @param batchReadings a delivery is sent when it has so many
 * @param progressTimeout without any answer for so long, the connection is given up and made anew
 * @param backoffBase bound of the first random wait; doubles up to {@code backoffMax}
 * @param giveUpAfter without any progress for so long, the link fails; null: never
 */
public record LinkOptions(
        HostPort target,
        Transport transport,
        Protocol protocol,
        MqttOptions mqtt,
        int connections,
        int windowDeliveries,
        int batchReadings,
        Duration progressTimeout,
        Duration backoffBase,
        Duration backoffMax,
        @Nullable Duration giveUpAfter) {
    /** Agents refuse larger frames; estimates may be off by half. */
    static final int BATCH_BYTES = 512 << 10;

    public LinkOptions {
        if (!transport.protocols().contains(protocol)) {
            throw new IllegalArgumentException("protocol "
                    + protocol.name().toLowerCase(Locale.ROOT).replace('_', '-') + " over "
                    + transport.name().toLowerCase(Locale.ROOT) + ", expected one of "
                    + transport.protocols().toString().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        range("connections", connections, 1, transport == Transport.MQTT ? 50_000 : 256);
        range("window", windowDeliveries, 1, 65_536);
        range("readings per batch", batchReadings, 1, 100_000);
    }

    public static LinkOptions of(HostPort target, Protocol protocol) {
        return new LinkOptions(
                target,
                Transport.TCP,
                protocol,
                MqttOptions.DEFAULT,
                1,
                64,
                1000,
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                null);
    }

    private static void range(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", expected " + least + " to " + most);
        }
    }
}
