package io.tributary.tls;

import java.security.cert.CertificateException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every listener speaks: TLS 1.3, or 1.2 for a peer that has no better, and of 1.2 only what RFC 9325 recommends:
 * ephemeral keys and authenticated encryption. That no older version comes back is not left to the JDK's list of disabled
 * algorithms, which a system's policy may change.
 */
public final class TlsRules {
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    public static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private TlsRules() {}

    /**
     * Why a handshake failed, for an audit log.
     *
     * @return null for a certificate that was refused when {@code trust} has said so itself
     */
    public static @Nullable String refusal(Throwable failure, boolean trustTells) {
        Throwable root = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (trustTells && each instanceof CertificateException) {
                return null;
            }
            root = each;
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
