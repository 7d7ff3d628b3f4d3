package io.tributary.agent.source.tcp;

import io.tributary.agent.source.Durability;
import io.tributary.config.HostPort;
import java.time.Duration;

/**
 * What both listeners have in common.
 *
 * @param name of the source
 * @param messageBytesMax one frame or one line
 * @param connectionsMax accepted at a time; one more is closed at once
 * @param idleTimeout a connection that sends nothing for this long and waits for nothing is closed
 */
public record TcpOptions(
        String name,
        HostPort listen,
        Durability durability,
        int messageBytesMax,
        int connectionsMax,
        Duration idleTimeout) {}
