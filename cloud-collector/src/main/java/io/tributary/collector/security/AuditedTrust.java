package io.tributary.collector.security;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Writes a line for every client certificate that is not accepted: of another authority, over, taken back. */
public final class AuditedTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager trust;
    private final AuditLog audit;

    public AuditedTrust(X509ExtendedTrustManager trust, AuditLog audit) {
        this.trust = trust;
        this.audit = audit;
    }

    /** One of the checks. */
    private interface Check {
        void run() throws CertificateException;
    }

    private void audited(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.run();
        } catch (CertificateException e) {
            X509Certificate own = chain[0];
            audit.refused(AuditEvent.refused(
                    "certificate " + own.getSubjectX500Principal().getName(),
                    "handshake",
                    Map.of(
                            "serial", own.getSerialNumber().toString(16),
                            "issuer", own.getIssuerX500Principal().getName(),
                            "cause", String.valueOf(e.getMessage()))));
            throw e;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        audited(chain, () -> trust.checkClientTrusted(chain, type, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        audited(chain, () -> trust.checkClientTrusted(chain, type, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        audited(chain, () -> trust.checkClientTrusted(chain, type));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        trust.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        trust.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trust.checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.getAcceptedIssuers();
    }
}
