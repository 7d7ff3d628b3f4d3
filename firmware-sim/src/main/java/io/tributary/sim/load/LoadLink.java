package io.tributary.sim.load;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.tributary.config.HostPort;
import io.tributary.pki.AgentName;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a load reaches its collector.
 *
 * @param ca whom to trust, PEM; null for plaintext
 * @param identity key and certificate of the one agent, PEM, as {@code edge-agent enroll} writes them; null without TLS
 * @param batchesPerSecond of each agent; 0 for as fast as they are acknowledged
 */
public record LoadLink(@Nullable Path ca, @Nullable Path identity, double batchesPerSecond) {
    private static final int MESSAGE_BYTES_MAX = 4 << 20;

    public LoadLink {
        if ((ca == null) != (identity == null)) {
            throw new IllegalArgumentException("ca and identity go together, expected both or none");
        }
        if (!(batchesPerSecond >= 0)) {
            throw new IllegalArgumentException("batches-per-second is " + batchesPerSecond + ", expected 0 or more");
        }
    }

    /** @param index which of the load's agents */
    String agent(int index) throws IOException {
        String named = identity == null
                ? null
                : AgentName.of(Pem.certificates(identity).get(0));
        return named == null ? "load-" + index : named;
    }

    ManagedChannel channel(HostPort collector) throws IOException {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(collector.host(), collector.port())
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .disableRetry();
        if (ca == null || identity == null) {
            return builder.usePlaintext().build();
        }
        return builder.sslContext(GrpcSslContexts.forClient()
                        .trustManager(ca.toFile())
                        .keyManager(
                                Pem.privateKey(identity),
                                Pem.certificates(identity).get(0))
                        .build())
                .build();
    }
}
