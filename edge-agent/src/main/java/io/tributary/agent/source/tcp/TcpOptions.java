package io.tributary.agent.source.tcp;

import io.tributary.agent.source.Durability;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What both listeners have in common.
 *
 * @param name of the source
 * @param tls null for a plain listener
 * @param messageBytesMax one frame or one line
 * @param connectionsMax accepted at a time; for one more the oldest goes that has not brought a message yet, or it is closed
 *     itself
 * @param handshakeTimeout from the TCP connection to a TLS handshake that is complete
 * @param idleTimeout a connection that sends nothing for this long and waits for nothing is closed
 */
public record TcpOptions(
        String name,
        HostPort listen,
        @Nullable TlsFiles tls,
        Durability durability,
        int messageBytesMax,
        int connectionsMax,
        Duration handshakeTimeout,
        Duration idleTimeout) {}
