package io.tributary.agent;

import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.tcp.TcpOptions;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.TypeName;
import io.tributary.model.Names;
import java.time.Duration;

/** One entry of {@code sources}; README.md describes each type. */
sealed interface SourceConfig {
    String name();

    /** Length-prefixed protobuf frames. */
    @TypeName("tcp-frames")
    record TcpFrames(
            @Default("tcp.frames") String name,
            @Default("127.0.0.1:9441") HostPort listen,
            @Default("false") boolean allowPlaintextOffLoopback,
            @Default("synced") Durability durability,
            @Default("1MiB") ByteSize frameBytesMax,
            @Default("256") int connectionsMax,
            @Default("10m") Duration idleTimeout)
            implements SourceConfig {
        public TcpFrames {
            check(name, listen, allowPlaintextOffLoopback, connectionsMax, idleTimeout);
            between("frame-bytes-max", frameBytesMax, 1 << 10, 1 << 20);
        }

        TcpOptions options() {
            return new TcpOptions(name, listen, durability, frameBytesMax.intBytes(), connectionsMax, idleTimeout);
        }
    }

    /** InfluxDB line protocol. */
    @TypeName("tcp-lines")
    record TcpLines(
            @Default("tcp.lines") String name,
            @Default("127.0.0.1:9442") HostPort listen,
            @Default("false") boolean allowPlaintextOffLoopback,
            @Default("synced") Durability durability,
            @Default("64KiB") ByteSize lineBytesMax,
            @Default("256") int connectionsMax,
            @Default("10m") Duration idleTimeout,
            LineMapping mapping)
            implements SourceConfig {
        public TcpLines {
            check(name, listen, allowPlaintextOffLoopback, connectionsMax, idleTimeout);
            between("line-bytes-max", lineBytesMax, 128, 1 << 20);
        }

        TcpOptions options() {
            return new TcpOptions(name, listen, durability, lineBytesMax.intBytes(), connectionsMax, idleTimeout);
        }
    }

    private static void check(
            String name, HostPort listen, boolean plaintextAllowed, int connectionsMax, Duration idleTimeout) {
        Names.check("name", name);
        if (!plaintextAllowed && !listen.isLoopback()) {
            throw new IllegalArgumentException("listen is " + listen
                    + ", which other machines can reach without TLS; expected a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException("connections-max is " + connectionsMax + ", expected at least 1");
        }
        if (idleTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("idle-timeout is " + idleTimeout + ", expected more than 0");
        }
    }

    private static void between(String key, ByteSize value, long min, long max) {
        if (value.bytes() < min || value.bytes() > max) {
            throw new IllegalArgumentException(
                    key + " is " + value + ", expected " + new ByteSize(min) + " to " + new ByteSize(max));
        }
    }
}
