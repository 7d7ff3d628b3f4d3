package io.tributary.agent.source.tcp;

import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.TypeName;
import java.time.Duration;

/** InfluxDB line protocol. */
@TypeName("tcp-lines")
public record TcpLinesConfig(
        @Default("tcp.lines") String name,
        @Default("127.0.0.1:9442") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("synced") Durability durability,
        @Default("64KiB") ByteSize lineBytesMax,
        @Default("256") int connectionsMax,
        @Default("10m") Duration idleTimeout,
        LineMapping mapping)
        implements SourceConfig {
    public TcpLinesConfig {
        Checks.name(name);
        Checks.listen(listen, null, allowPlaintextOffLoopback);
        Checks.between("line-bytes-max", lineBytesMax, 128, 1 << 20);
        Checks.atLeastOne("connections-max", connectionsMax);
        Checks.positive("idle-timeout", idleTimeout);
    }

    @Override
    public Source open(SourceContext context) {
        return TcpSource.lines(
                new TcpOptions(name, listen, durability, lineBytesMax.intBytes(), connectionsMax, idleTimeout),
                mapping,
                context.intake(),
                context.metrics(TcpMetrics.class, TcpMetrics::new));
    }
}
