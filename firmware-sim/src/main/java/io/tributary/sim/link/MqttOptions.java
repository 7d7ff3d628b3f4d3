package io.tributary.sim.link;

import org.jspecify.annotations.Nullable;

/**
 * What only MQTT has.
 *
 * @param version 3 (3.1.1) or 5
 * @param qos 0 to 2
 * @param topic with {@code {device}} in it
 * @param client begin of the client IDs
 * @param connectsPerSecond first attempts of all connections: who comes with thousands at once is turned away
 */
public record MqttOptions(
        int version,
        int qos,
        String topic,
        String client,
        int connectsPerSecond,
        @Nullable String user,
        @Nullable String password) {
    public static final MqttOptions DEFAULT = new MqttOptions(5, 1, "sim/{device}", "sim", 400, null, null);

    public MqttOptions {
        if (version != 3 && version != 5) {
            throw new IllegalArgumentException("MQTT version is " + version + ", expected 3 (3.1.1) or 5");
        }
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("QoS is " + qos + ", expected 0, 1 or 2");
        }
        if (connectsPerSecond < 1) {
            throw new IllegalArgumentException(
                    "connects per second are " + connectsPerSecond + ", expected at least 1");
        }
        if (!topic.contains("{device}")) {
            throw new IllegalArgumentException("topic is \"" + topic + "\", expected {device} in it");
        }
    }
}
