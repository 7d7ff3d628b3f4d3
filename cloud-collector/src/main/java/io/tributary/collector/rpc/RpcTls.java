package io.tributary.collector.rpc;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tributary.listen.RenewedSslContext;
import io.tributary.tls.TlsRules;
import java.io.IOException;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * TLS 1.3, or 1.2 for a peer that has no better. Clients are asked for a certificate: a wrong one ends the handshake, none
 * leaves the enrolment service and queries with a token.
 *
 * @param keys the collector's, read again when they change
 * @param trust the agents' authorities and revocations, read again when they change; tells of refusals itself
 * @param version another object when that changes: sessions of before are forgotten then
 * @param failures gets all other handshakes that failed
 */
public record RpcTls(KeyManager keys, TrustManager trust, Supplier<?> version, HandshakeFailures failures) {
    /** Told on the threads of sockets. */
    @FunctionalInterface
    public interface HandshakeFailures {
        void failed(String address, String cause);
    }

    SslContext context() throws IOException {
        return new RenewedSslContext(this::fresh, version);
    }

    private SslContext fresh() throws IOException {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.JDK)
                    .trustManager(trust)
                    .clientAuth(ClientAuth.OPTIONAL)
                    .protocols(TlsRules.PROTOCOLS)
                    .ciphers(TlsRules.CIPHERS)
                    .sessionTimeout(RenewedSslContext.SESSION_SECONDS)
                    .build();
        } catch (SSLException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
