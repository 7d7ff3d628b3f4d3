package io.tributary.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities of a PEM file, and those of their certificates that a revocation list takes back; both files are read
 * again when they change. Host names are checked by the JDK when the engine asks for it. Any thread.
 */
public final class ReloadingTrust extends X509ExtendedTrustManager {
    private record Trusted(
            List<X509Certificate> authorities,
            String name,
            X509ExtendedTrustManager usual,
            @Nullable X509CRL revoked) {
        /** As of the system's clock, or of another one; handshakes are rare enough to make one for each. */
        X509ExtendedTrustManager manager(@Nullable CertificateTime time, X509Certificate[] chain)
                throws CertificateException {
            if (time == null) {
                return usual;
            }
            try {
                return (X509ExtendedTrustManager)
                        TlsFiles.trusted(authorities, name, time.checkedAt(chain, authorities))
                                .getTrustManagers()[0];
            } catch (IOException e) {
                throw new CertificateException(e.getMessage(), e);
            }
        }
    }

    private final WatchedFiles<Trusted> trusted;
    private final @Nullable CertificateTime time;

    /**
     * @param revocations PEM, signed by one of the authorities; null for none. A file that vanishes later is like one that
     *     cannot be read: what was read before stays
     * @throws IOException a file cannot be used now
     */
    public ReloadingTrust(Path authorities, @Nullable Path revocations, LongSupplier nanoTime) throws IOException {
        this(authorities, revocations, nanoTime, null);
    }

    /** @param time for certificates; null for the system's clock */
    public ReloadingTrust(
            Path authorities, @Nullable Path revocations, LongSupplier nanoTime, @Nullable CertificateTime time)
            throws IOException {
        this.time = time;
        trusted = new WatchedFiles<>(
                revocations == null ? List.of(authorities) : List.of(authorities, revocations),
                () -> load(authorities, revocations),
                nanoTime);
    }

    /** Another object when the files have changed: sessions of before may be of somebody who is not trusted any more. */
    public Object version() {
        return trusted.current();
    }

    private static Trusted load(Path authorities, @Nullable Path revocations) throws IOException {
        List<X509Certificate> certificates = Pem.certificates(authorities);
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager)
                TlsFiles.trusted(certificates, authorities.toString()).getTrustManagers()[0];
        if (revocations == null) {
            return new Trusted(certificates, authorities.toString(), manager, null);
        }
        X509CRL list = Pem.revocations(revocations);
        for (X509Certificate authority : certificates) {
            if (authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
                try {
                    list.verify(authority.getPublicKey());
                    return new Trusted(certificates, authorities.toString(), manager, list);
                } catch (GeneralSecurityException e) {
                    throw new IOException(revocations + " is not signed by " + authorities, e);
                }
            }
        }
        throw new IOException(revocations + " is not of an authority of " + authorities);
    }

    private static void notRevoked(Trusted now, X509Certificate[] chain) throws CertificateException {
        X509CRL list = now.revoked();
        if (list == null) {
            return;
        }
        for (X509Certificate certificate : chain) {
            if (list.isRevoked(certificate)) {
                throw new CertificateException("the certificate with serial number "
                        + certificate.getSerialNumber().toString(16) + " is revoked");
            }
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkClientTrusted(chain, authType, socket);
        notRevoked(now, chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkClientTrusted(chain, authType, engine);
        notRevoked(now, chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkClientTrusted(chain, authType);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkServerTrusted(chain, authType, socket);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkServerTrusted(chain, authType, engine);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Trusted now = trusted.current();
        now.manager(time, chain).checkServerTrusted(chain, authType);
        notRevoked(now, chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trusted.current().usual().getAcceptedIssuers();
    }
}
