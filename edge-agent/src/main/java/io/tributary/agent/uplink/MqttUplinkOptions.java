package io.tributary.agent.uplink;

import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.mqtt.MqttVersion;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the collector through a broker.
 *
 * @param agent names the topics
 * @param client the client ID: never that of another
 * @param tls null for a plain connection
 * @param answerTimeout a delivery without an acknowledgement for this long has been lost on the way: the session begins
 *     anew, and it is sent again
 */
public record MqttUplinkOptions(
        String agent,
        HostPort broker,
        MqttVersion version,
        String client,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable TlsFiles tls,
        Duration keepAlive,
        Duration connectTimeout,
        Duration answerTimeout) {
    public MqttUplinkOptions {
        if (agent.chars().anyMatch(c -> c == '/' || c == '+' || c == '#')) {
            throw new IllegalArgumentException(
                    "agent is \"" + agent + "\", expected a name without / + # as it is part of MQTT topics");
        }
    }

    String up() {
        return "tributary/v1/" + agent + "/up";
    }

    String down() {
        return "tributary/v1/" + agent + "/down";
    }
}
