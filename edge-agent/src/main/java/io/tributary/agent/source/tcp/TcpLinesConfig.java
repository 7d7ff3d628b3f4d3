package io.tributary.agent.source.tcp;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.LineReader;
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

/** Lines: of InfluxDB line protocol, or what another decoder reads, newline-delimited JSON for example. */
@TypeName("tcp-lines")
public record TcpLinesConfig(
        @Default("tcp.lines") String name,
        @Default("127.0.0.1:9442") HostPort listen,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("synced") Durability durability,
        @Default("64KiB") ByteSize lineBytesMax,
        @Default("256") int connectionsMax,
        @Default("10s") Duration handshakeTimeout,
        @Default("10m") Duration idleTimeout,
        @Default("{type: line}") DecoderConfig decode)
        implements SourceConfig {
    public TcpLinesConfig {
        Checks.name(name);
        Checks.listen(listen, tls, allowPlaintextOffLoopback);
        Checks.between("line-bytes-max", lineBytesMax, 128, 1 << 20);
        Checks.atLeastOne("connections-max", connectionsMax);
        Checks.positive("handshake-timeout", handshakeTimeout);
        Checks.positive("idle-timeout", idleTimeout);
    }

    @Override
    public Source open(SourceContext context) {
        return TcpSource.lines(
                new TcpOptions(
                        name,
                        listen,
                        tls,
                        durability,
                        lineBytesMax.intBytes(),
                        connectionsMax,
                        handshakeTimeout,
                        idleTimeout),
                LineReader.ofLines(name, decode, context.decoding(name, RebirthListener.NONE)),
                new ArrivalStamps(context.clock()),
                context.intake(),
                context.guard(),
                context.clock()::monotonicNs,
                context.metrics(TcpMetrics.class, TcpMetrics::new));
    }
}
