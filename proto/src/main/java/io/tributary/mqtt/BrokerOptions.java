package io.tributary.mqtt;

import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How one connection is made.
 *
 * @param owner for the log: whose connection it is
 * @param client the client ID, under which the broker keeps the session: never that of another
 * @param tls null for a plain connection
 * @param keepSession whether the broker shall keep what comes while the client is away, and take up an earlier session
 * @param sessionExpiry for how long; a broker of MQTT 3.1.1 has its own opinion
 * @param receiveMaximum messages of QoS 1 that a broker of MQTT 5 may send before they are acknowledged
 * @param packetBytesMax told to a broker of MQTT 5
 * @param will what the broker publishes when the connection breaks
 */
public record BrokerOptions(
        String owner,
        HostPort broker,
        MqttVersion version,
        String client,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable SSLContext tls,
        boolean keepSession,
        Duration sessionExpiry,
        int receiveMaximum,
        int packetBytesMax,
        Duration keepAlive,
        Duration connectTimeout,
        @Nullable Will will) {
    /**
     * QoS 1.
     *
     * @param expiry after which a broker of MQTT 5 drops what it could not hand on
     */
    public record Will(String topic, byte[] payload, Duration expiry) {}

    String uri() {
        return (tls == null ? "tcp://" : "ssl://") + broker;
    }

    int keepAliveSeconds() {
        return (int) keepAlive.toSeconds();
    }

    int connectSeconds() {
        return (int) Math.max(1, connectTimeout.toSeconds());
    }
}
