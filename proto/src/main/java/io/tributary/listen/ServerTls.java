package io.tributary.listen;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tributary.tls.ReloadingKeys;
import io.tributary.tls.ReloadingTrust;
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
 * How a listener of Netty proves who it is, and asks who comes: TLS 1.3, or 1.2 for a peer that has no better. Also for
 * listeners that do not speak HTTP.
 *
 * @param keys the listener's
 * @param trust clients have to show a certificate that it trusts; null: they are not asked for one
 */
public record ServerTls(KeyManager keys, @Nullable TrustManager trust) {
    /**
     * With files that are read again when they change.
     *
     * @throws IOException they cannot be used now
     */
    public static ServerTls of(TlsFiles files, LongSupplier nanoTime) throws IOException {
        Path certificate = files.certificate();
        Path key = files.key();
        if (certificate == null || key == null) {
            throw new IOException("tls has no certificate, which a listener has to show");
        }
        return new ServerTls(new ReloadingKeys(certificate, key, nanoTime), files.trust(nanoTime, null));
    }

    /** @throws IOException the JDK cannot set it up */
    public SslContext context() throws IOException {
        return trust instanceof ReloadingTrust reloading
                ? new RenewedSslContext(this::fresh, reloading::version)
                : fresh();
    }

    private SslContext fresh() throws IOException {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .protocols(TlsRules.PROTOCOLS)
                    .ciphers(TlsRules.CIPHERS)
                    .sessionTimeout(RenewedSslContext.SESSION_SECONDS);
            if (trust != null) {
                builder.trustManager(trust).clientAuth(ClientAuth.REQUIRE);
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
