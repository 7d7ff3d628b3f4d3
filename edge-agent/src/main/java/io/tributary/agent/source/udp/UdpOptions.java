package io.tributary.agent.source.udp;

import io.tributary.agent.source.Durability;
import io.tributary.config.HostPort;

/**
 * What both kinds of datagrams have in common.
 *
 * @param name of the source
 * @param datagramBytesMax larger ones are dead letters, cut
 * @param receiveBufferBytes asked of the system, which keeps datagrams there until they are read
 * @param pendingBytesMax datagrams that wait for the outbox; more are dropped and counted
 */
record UdpOptions(
        String name,
        HostPort listen,
        Durability durability,
        int datagramBytesMax,
        int receiveBufferBytes,
        long pendingBytesMax) {}
