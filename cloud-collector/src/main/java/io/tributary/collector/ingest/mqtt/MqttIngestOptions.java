package io.tributary.collector.ingest.mqtt;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code mqtt} of the configuration; without it agents come over gRPC only.
 *
 * @param broker of MQTT 5, as shared subscriptions are
 * @param client beginning of the client IDs; null: one that no other collector has, anew at every start
 * @param group of the shared subscription: collectors with the same one share the agents' messages
 * @param connections to the broker, each with a subscription of its own
 * @param inFlight messages that the broker may send on one connection before they are handed on
 * @param waitingMax bytes of messages, over all agents, that wait to be handed on; what comes above is refused
 */
public record MqttIngestOptions(
        @Default("127.0.0.1:1883") HostPort broker,
        @Nullable String client,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("tributary") String group,
        @Default("2") int connections,
        @Default("64") int inFlight,
        @Default("64MiB") ByteSize waitingMax,
        @Default("30s") Duration keepAlive,
        @Default("10s") Duration connectTimeout,
        @Default("500ms") Duration reconnectMin,
        @Default("10s") Duration reconnectMax) {
    private static final int CONNECTIONS_MAX = 64;
    private static final int SECONDS_MAX = 65_535;

    public MqttIngestOptions {
        if (tls == null && !allowPlaintextOffLoopback && !broker.isLoopback()) {
            throw new IllegalArgumentException("broker is " + broker
                    + ", to which readings would travel without TLS; expected tls, a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
        if (client != null && (client.isEmpty() || client.length() > 64)) {
            throw new IllegalArgumentException("client has " + client.length() + " characters, expected 1 to 64");
        }
        if (group.isEmpty() || group.chars().anyMatch(c -> c == '/' || c == '+' || c == '#')) {
            throw new IllegalArgumentException("group is \"" + group + "\", expected a word without / + #");
        }
        between("connections", connections, 1, CONNECTIONS_MAX);
        between("in-flight", inFlight, 1, SECONDS_MAX);
        between("keep-alive seconds", keepAlive.toSeconds(), 1, SECONDS_MAX);
        between("connect-timeout milliseconds", connectTimeout.toMillis(), 1, Integer.MAX_VALUE);
        between("reconnect-min milliseconds", reconnectMin.toMillis(), 1, Integer.MAX_VALUE);
        if (reconnectMax.compareTo(reconnectMin) < 0) {
            throw new IllegalArgumentException(
                    "reconnect-max is " + reconnectMax + ", expected at least reconnect-min, " + reconnectMin);
        }
    }

    private static void between(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }
}
