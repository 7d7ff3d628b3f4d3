package io.tributary.agent.source.mqtt;

import io.tributary.agent.source.Durability;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.mqtt.BrokerOptions;
import io.tributary.mqtt.MqttVersion;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The broker and what to get from it.
 *
 * @param name of the source
 * @param client the client ID, under which the broker keeps what comes while the agent is away: never that of another
 * @param tls null for a plain connection
 * @param filters topic filters
 * @param qos 0 or 1. Not 2: Paho answers PUBREC before anybody has seen the message, so that a crash would lose it
 * @param retained whether readings that the broker kept from before are taken; they have no time of their own
 * @param inFlight messages on their way to the outbox
 * @param inFlightBytes their payloads
 * @param packetBytesMax told to a broker of MQTT 5
 * @param sessionExpiry how long a broker of MQTT 5 keeps what comes while the agent is away
 * @param patience how long the broker waits for the intake before the connection is given up; less than the keep-alive,
 *     as the library does not see the answers to its pings meanwhile
 * @param reconnectMin bound of the delay after the first failure; doubles with each
 */
public record MqttOptions(
        String name,
        HostPort broker,
        Version version,
        String client,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable TlsFiles tls,
        Durability durability,
        List<String> filters,
        int qos,
        boolean retained,
        int inFlight,
        long inFlightBytes,
        int packetBytesMax,
        Duration sessionExpiry,
        Duration keepAlive,
        Duration patience,
        Duration connectTimeout,
        Duration reconnectMin,
        Duration reconnectMax) {
    BrokerOptions link(@Nullable SSLContext context) {
        return new BrokerOptions(
                "source " + name,
                broker,
                version == Version.V5 ? MqttVersion.V5 : MqttVersion.V311,
                client,
                user,
                password,
                context,
                true,
                sessionExpiry,
                inFlight,
                packetBytesMax,
                keepAlive,
                connectTimeout,
                null);
    }

    /** Of the protocol. */
    public enum Version {
        /** MQTT 3.1.1. */
        V311,
        /** MQTT 5. */
        V5
    }

    public MqttOptions {
        filters = List.copyOf(filters);
    }
}
