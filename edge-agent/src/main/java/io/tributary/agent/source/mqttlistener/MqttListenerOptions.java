package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.source.Durability;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the listener allows. Every limit is checked before anything is allocated for it.
 *
 * @param name of the source
 * @param tls null for a plain listener
 * @param passwords lines of {@code mosquitto_passwd}; null when every client is let in
 * @param packetBytesMax a whole packet, told to MQTT 5 clients
 * @param topicBytesMax a topic name or filter
 * @param connectionsMax at a time; for one more the oldest that has not sent its CONNECT gives way, or it is closed at once
 * @param connectsPerSecond new connections, averaged; more are closed at once
 * @param halfOpenMax connections that have not been let in yet, likewise
 * @param connectTimeout from the TCP connection to being let in
 * @param keepAliveMax told to MQTT 5 clients that want longer or none
 * @param idleTimeout how long a client of MQTT 3.1.1 may be silent that has switched keep-alive off
 * @param receiveMaximum messages of a connection that are not answered yet
 * @param topicAliasMaximum per connection
 * @param sessionsMax with and without a connection; of the latter the oldest goes
 * @param sessionExpiryMax how long a session outlives its connection at most
 * @param commandsMax per session: sent and not acknowledged; further ones wait
 * @param commandBytesMax payloads of these, of all sessions; further ones wait
 * @param pendingBytesMax messages of all connections that wait for their sync
 */
public record MqttListenerOptions(
        String name,
        HostPort listen,
        @Nullable TlsFiles tls,
        @Nullable Path passwords,
        Durability durability,
        int packetBytesMax,
        int topicBytesMax,
        int connectionsMax,
        int connectsPerSecond,
        int halfOpenMax,
        Duration connectTimeout,
        Duration keepAliveMax,
        Duration idleTimeout,
        int receiveMaximum,
        int topicAliasMaximum,
        int sessionsMax,
        Duration sessionExpiryMax,
        int commandsMax,
        long commandBytesMax,
        long pendingBytesMax) {}
