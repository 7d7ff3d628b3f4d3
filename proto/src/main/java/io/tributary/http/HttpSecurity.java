package io.tributary.http;

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
 * How a server proves who it is, and asks who calls.
 *
 * @param keys the server's; null for plain HTTP
 * @param trust clients have to show a certificate that it trusts; null: they are not asked for one
 */
public record HttpSecurity(
        @Nullable KeyManager keys, @Nullable TrustManager trust, AccessControl access) {
    /** Plain, for everybody: for loopback. */
    public static final HttpSecurity NONE = new HttpSecurity(null, null, AccessControl.OPEN);

    /**
     * With files that are read again when they change.
     *
     * @param files null for plain HTTP
     * @throws IOException they cannot be used now
     */
    public static HttpSecurity of(@Nullable TlsFiles files, AccessControl access, LongSupplier nanoTime)
            throws IOException {
        if (files == null) {
            return new HttpSecurity(null, null, access);
        }
        Path certificate = files.certificate();
        Path key = files.key();
        Path ca = files.ca();
        if (certificate == null || key == null) {
            throw new IOException("tls has no certificate, which a listener has to show");
        }
        return new HttpSecurity(
                new ReloadingKeys(certificate, key, nanoTime),
                ca == null ? null : new ReloadingTrust(ca, null, nanoTime),
                access);
    }

    /** Null for plain HTTP. */
    @Nullable
    SslContext context() throws IOException {
        if (keys == null) {
            return null;
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .protocols(TlsRules.PROTOCOLS)
                    .ciphers(TlsRules.CIPHERS);
            if (trust != null) {
                builder.trustManager(trust).clientAuth(ClientAuth.REQUIRE);
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
