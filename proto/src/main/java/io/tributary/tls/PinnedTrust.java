package io.tributary.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts one authority, which is known by its fingerprint only: for a client that has nothing else yet. The server has to
 * send the authority's certificate along. Host names and dates are checked as ever.
 */
public final class PinnedTrust extends X509ExtendedTrustManager {
    private final byte[] fingerprint;
    private final @Nullable CertificateTime time;

    /**
     * @param fingerprint SHA-256 of the authority's certificate
     * @param time for certificates; null for the system's clock
     */
    public PinnedTrust(byte[] fingerprint, @Nullable CertificateTime time) {
        this.time = time;
        this.fingerprint = fingerprint.clone();
    }

    private X509ExtendedTrustManager authority(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            try {
                byte[] found = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
                if (MessageDigest.isEqual(found, fingerprint)) {
                    return (X509ExtendedTrustManager) TlsFiles.trusted(
                                    List.of(certificate),
                                    "the authority",
                                    time == null ? null : time.checkedAt(chain, List.of(certificate)))
                            .getTrustManagers()[0];
                }
            } catch (GeneralSecurityException | IOException e) {
                throw new CertificateException("the server's certificates cannot be checked", e);
            }
        }
        throw new CertificateException("the server is not of the authority whose fingerprint the token carries");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        authority(chain).checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        authority(chain).checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authority(chain).checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw onlyServers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw onlyServers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw onlyServers();
    }

    private static CertificateException onlyServers() {
        return new CertificateException("BUG: a pinned authority is for servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
