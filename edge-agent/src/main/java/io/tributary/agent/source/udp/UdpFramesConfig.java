package io.tributary.agent.source.udp;

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

/** Datagrams of one message each: protobuf frames, or what another decoder reads. {@link UdpOptions} says what the keys mean. */
@TypeName("udp-frames")
public record UdpFramesConfig(
        @Default("udp.frames") String name,
        @Default("127.0.0.1:9444") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("synced") Durability durability,
        @Default("{type: frame}") DecoderConfig decode,
        @Default("8KiB") ByteSize datagramBytesMax,
        @Default("1MiB") ByteSize receiveBuffer,
        @Default("4MiB") ByteSize pendingBytesMax)
        implements SourceConfig {
    public UdpFramesConfig {
        Checks.name(name);
        Checks.listen(listen, null, allowPlaintextOffLoopback);
        Checks.between("datagram-bytes-max", datagramBytesMax, 64, 65_535);
        Checks.between("receive-buffer", receiveBuffer, 4 << 10, 64 << 20);
        Checks.between("pending-bytes-max", pendingBytesMax, 64 << 10, 64 << 20);
    }

    @Override
    public Source open(SourceContext context) {
        return new UdpSource(
                new UdpOptions(
                        name,
                        listen,
                        durability,
                        datagramBytesMax.intBytes(),
                        receiveBuffer.intBytes(),
                        pendingBytesMax.bytes()),
                LineReader.ofMessages(name, decode, context.decoding(name, RebirthListener.NONE)),
                false,
                new ArrivalStamps(context.clock()),
                context.intake(),
                context.metrics(UdpMetrics.class, UdpMetrics::new));
    }
}
