package io.tributary.agent.uplink;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tributary.tls.CertificateTime;
import io.tributary.tls.ReloadingKeys;
import io.tributary.tls.TlsFiles;
import io.tributary.tls.TlsRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3, or 1.2 for a collector that has no better; the collector's name is checked against its certificate.
 *
 * @param keys who the agent is; null before it has been enrolled
 * @param trust null for the authorities that Java trusts
 */
public record GrpcTls(@Nullable KeyManager keys, @Nullable TrustManager trust) {

    /**
     * With files that are read again when they change.
     *
     * @param time for certificates
     */
    public static GrpcTls of(TlsFiles files, LongSupplier nanoTime, CertificateTime time) throws IOException {
        Path certificate = files.certificate();
        Path key = files.key();
        return new GrpcTls(
                certificate == null || key == null ? null : new ReloadingKeys(certificate, key, nanoTime),
                files.trust(nanoTime, time));
    }

    /** For a channel of gRPC. */
    SslContext context() {
        try {
            SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .protocols(TlsRules.PROTOCOLS)
                    .ciphers(TlsRules.CIPHERS);
            if (keys != null) {
                builder.keyManager(keys);
            }
            if (trust != null) {
                builder.trustManager(trust);
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
