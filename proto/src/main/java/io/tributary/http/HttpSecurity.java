package io.tributary.http;

import io.netty.handler.ssl.SslContext;
import io.tributary.listen.ServerTls;
import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
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
        ServerTls tls = ServerTls.of(files, nanoTime);
        return new HttpSecurity(tls.keys(), tls.trust(), access);
    }

    /** Null for plain HTTP. */
    @Nullable
    SslContext context() throws IOException {
        return keys == null ? null : new ServerTls(keys, trust).context();
    }
}
