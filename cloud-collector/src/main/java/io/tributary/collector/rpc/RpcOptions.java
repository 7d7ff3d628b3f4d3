package io.tributary.collector.rpc;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import java.time.Duration;

/**
 * Section {@code grpc} of the configuration.
 *
 * @param allowPlaintextOffLoopback must be true for a listener that other machines can reach
 * @param ioThreads sockets and HTTP/2 framing; decoding has threads of its own
 * @param connectionsMax accepted at a time; one more is closed at once
 * @param connectsPerSecond over all, averaged: what comes faster waits in the system's backlog. A handshake costs
 *     milliseconds of CPU, which those who are in need, too
 * @param addressConnectsPerSecond of one address, with 20 seconds' worth at once: more are closed at once
 * @param streamWindow bytes that a peer may have sent on a call before the collector asks for more: with a busy
 *     collector, connectionsMax times this can be held in network buffers
 * @param handshakeTimeout from accept to a complete HTTP/2 preface
 * @param keepaliveTime silence after which the collector pings; a peer may ping four times as often
 * @param keepaliveTimeout without an answer to the ping the connection is closed
 * @param idleTimeout a connection without any call is closed after this long
 */
public record RpcOptions(
        @Default("127.0.0.1:9440") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("2") int ioThreads,
        @Default("2000") int connectionsMax,
        @Default("100") int connectsPerSecond,
        @Default("50") int addressConnectsPerSecond,
        @Default("16") int callsPerConnectionMax,
        @Default("1MiB") ByteSize streamWindow,
        @Default("8KiB") ByteSize metadataBytesMax,
        @Default("10s") Duration handshakeTimeout,
        @Default("20s") Duration keepaliveTime,
        @Default("10s") Duration keepaliveTimeout,
        @Default("60s") Duration idleTimeout) {
    public RpcOptions {
        atLeastOne("io-threads", ioThreads);
        atLeastOne("connections-max", connectionsMax);
        atLeastOne("connects-per-second", connectsPerSecond);
        atLeastOne("address-connects-per-second", addressConnectsPerSecond);
        atLeastOne("calls-per-connection-max", callsPerConnectionMax);
        between("stream-window", streamWindow, 64 << 10, 64 << 20);
        between("metadata-bytes-max", metadataBytesMax, 1 << 10, 1 << 20);
        positive("handshake-timeout", handshakeTimeout);
        positive("keepalive-time", keepaliveTime);
        positive("keepalive-timeout", keepaliveTimeout);
        positive("idle-timeout", idleTimeout);
    }

    /** Whether readings could be overheard: off loopback, without being asked for in so many words. */
    public boolean needsTls() {
        return !listen.isLoopback() && !allowPlaintextOffLoopback;
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ", expected at least 1");
        }
    }

    private static void between(String key, ByteSize value, long min, long max) {
        if (value.bytes() < min || value.bytes() > max) {
            throw new IllegalArgumentException(
                    key + " is " + value.bytes() + " bytes, expected " + min + " to " + max + " bytes");
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " is " + value + ", expected more than 0");
        }
    }
}
