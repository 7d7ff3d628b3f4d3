package io.tributary.agent.decode;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import io.tributary.model.Names;
import java.time.Duration;

/**
 * Sparkplug B (specification 3.0): topics {@code spBv1.0/GROUP/TYPE/NODE[/DEVICE]} and their payloads.
 *
 * @param node the device that an edge node's own metrics are of; {@code {group}} and {@code {node}} stand for those
 * @param device the device of a device's metrics; {@code {device}} too
 * @param online channel that tells births and deaths; empty: they make no reading
 * @param unitProperty the property of a metric that holds its unit
 * @param stateBytesMax what is kept of births, roughly; the nodes heard of least recently are forgotten first
 * @param rebirthInterval shortest time between two requests to one node
 */
@TypeName("sparkplug")
public record SparkplugConfig(
        @Default("\"{group}/{node}\"") String node,
        @Default("\"{group}/{node}/{device}\"") String device,
        @Default("online") String online,
        @Default("engUnit") String unitProperty,
        @Default("8MiB") ByteSize stateBytesMax,
        @Default("30s") Duration rebirthInterval)
        implements DecoderConfig {
    private static final long STATE_BYTES_LEAST = 64 << 10;

    public SparkplugConfig {
        if (!node.contains("{node}")) {
            throw new IllegalArgumentException("node is \"" + node + "\", expected a text with {node}");
        }
        if (!device.contains("{device}")) {
            throw new IllegalArgumentException("device is \"" + device + "\", expected a text with {device}");
        }
        if (!online.isEmpty()) {
            Names.check("online", online);
        }
        if (stateBytesMax.bytes() < STATE_BYTES_LEAST) {
            throw new IllegalArgumentException(
                    "state-bytes-max is " + stateBytesMax + ", expected at least " + new ByteSize(STATE_BYTES_LEAST));
        }
        if (rebirthInterval.toMillis() < 1) {
            throw new IllegalArgumentException("rebirth-interval is " + rebirthInterval + ", expected more than 0");
        }
    }

    @Override
    public Decoder open(DecoderContext context) {
        return new SparkplugDecoder(this, context);
    }

    /** The device's ID here. */
    String deviceId(SparkplugTopic topic, String ofDevice) {
        return (ofDevice.isEmpty() ? node : device)
                .replace("{group}", topic.group())
                .replace("{node}", topic.node())
                .replace("{device}", ofDevice);
    }
}
