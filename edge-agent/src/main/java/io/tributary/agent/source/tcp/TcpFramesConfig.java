package io.tributary.agent.source.tcp;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.FrameReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.TypeName;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Messages behind their length: protobuf frames, or what another decoder reads. */
@TypeName("tcp-frames")
public record TcpFramesConfig(
        @Default("tcp.frames") String name,
        @Default("127.0.0.1:9441") HostPort listen,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("synced") Durability durability,
        @Default("1MiB") ByteSize frameBytesMax,
        @Default("256") int connectionsMax,
        @Default("10s") Duration handshakeTimeout,
        @Default("10m") Duration idleTimeout,
        @Default("{type: frame}") DecoderConfig decode)
        implements SourceConfig {
    public TcpFramesConfig {
        Checks.name(name);
        Checks.listen(listen, tls, allowPlaintextOffLoopback);
        Checks.between("frame-bytes-max", frameBytesMax, 1 << 10, 1 << 20);
        Checks.atLeastOne("connections-max", connectionsMax);
        Checks.positive("handshake-timeout", handshakeTimeout);
        Checks.positive("idle-timeout", idleTimeout);
    }

    @Override
    public Source open(SourceContext context) {
        return TcpSource.frames(
                new TcpOptions(
                        name,
                        listen,
                        tls,
                        durability,
                        frameBytesMax.intBytes(),
                        connectionsMax,
                        handshakeTimeout,
                        idleTimeout),
                FrameReader.of(name, decode, context.decoding(name, RebirthListener.NONE)),
                new ArrivalStamps(context.clock()),
                context.intake(),
                context.guard(),
                context.clock()::monotonicNs,
                context.metrics(TcpMetrics.class, TcpMetrics::new));
    }
}
