package io.tributary.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How a server proves who it is, and asks who calls.
 *
 * @param keys the server's; null for plain HTTP
 */
public record HttpSecurity(@Nullable KeyManager keys, AccessControl access) {
    /** Plain, for everybody: for loopback. */
    public static final HttpSecurity NONE = new HttpSecurity(null, AccessControl.OPEN);

    /** Null for plain HTTP. */
    @Nullable
    SslContext context() throws IOException {
        if (keys == null) {
            return null;
        }
        try {
            return SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
