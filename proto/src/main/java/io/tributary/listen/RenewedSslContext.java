package io.tributary.listen;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener's TLS that forgets every session when whom it trusts changes. Who has a session, or a ticket for one, does not
 * show its certificate again when it comes back: without this, one that was taken back would be let in for as long as its
 * tickets hold. Any thread.
 */
public final class RenewedSslContext extends SslContext {
    private static final Logger LOG = LoggerFactory.getLogger(RenewedSslContext.class);
    /** Of sessions and tickets: an expired certificate is not let in for longer either. */
    public static final long SESSION_SECONDS = 3_600;

    /** Makes a context with no sessions, the same otherwise. */
    @FunctionalInterface
    public interface Maker {
        SslContext make() throws IOException;
    }

    private final Maker maker;
    private final Supplier<?> trusted;
    // Guarded by this.
    private Object seen;
    private SslContext current;

    /**
     * @param trusted another object when whom it trusts has changed
     * @throws IOException TLS cannot be set up
     */
    public RenewedSslContext(Maker maker, Supplier<?> trusted) throws IOException {
        this.maker = maker;
        this.trusted = trusted;
        this.seen = trusted.get();
        this.current = maker.make();
    }

    private synchronized SslContext current() {
        Object now = trusted.get();
        if (now != seen) {
            try {
                current = maker.make();
                seen = now;
            } catch (IOException e) {
                LOG.error("TLS cannot be set up anew, sessions of before go on", e);
            }
        }
        return current;
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // what the class asks for
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers) {
        return current().newEngine(buffers);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers, String peerHost, int peerPort) {
        return current().newEngine(buffers, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current().sessionContext();
    }
}
