package io.tributary.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
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
            X509ExtendedTrustManager manager, @Nullable X509CRL revoked) {}

    private final WatchedFiles<Trusted> trusted;

    /**
     * @param revocations PEM, signed by one of the authorities; null, or a file that is not there, for none
     * @throws IOException a file cannot be used now
     */
    public ReloadingTrust(Path authorities, @Nullable Path revocations, LongSupplier nanoTime) throws IOException {
        trusted = new WatchedFiles<>(
                revocations == null ? List.of(authorities) : List.of(authorities, revocations),
                () -> load(authorities, revocations),
                nanoTime);
    }

    private static Trusted load(Path authorities, @Nullable Path revocations) throws IOException {
        List<X509Certificate> certificates = Pem.certificates(authorities);
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager)
                TlsFiles.trusted(certificates, authorities.toString()).getTrustManagers()[0];
        if (revocations == null || !Files.exists(revocations)) {
            return new Trusted(manager, null);
        }
        X509CRL list = Pem.revocations(revocations);
        for (X509Certificate authority : certificates) {
            if (authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
                try {
                    list.verify(authority.getPublicKey());
                    return new Trusted(manager, list);
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
        now.manager().checkClientTrusted(chain, authType, socket);
        notRevoked(now, chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager().checkClientTrusted(chain, authType, engine);
        notRevoked(now, chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Trusted now = trusted.current();
        now.manager().checkClientTrusted(chain, authType);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager().checkServerTrusted(chain, authType, socket);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Trusted now = trusted.current();
        now.manager().checkServerTrusted(chain, authType, engine);
        notRevoked(now, chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Trusted now = trusted.current();
        now.manager().checkServerTrusted(chain, authType);
        notRevoked(now, chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trusted.current().manager().getAcceptedIssuers();
    }
}
