package io.tributary.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code tls} of a source or an uplink: PEM files.
 *
 * @param certificate our own, with the intermediates behind it; null for a client that shows none
 * @param key of the certificate, PKCS #8 without a password; may be the same file
 * @param ca whom to trust; null for those that Java trusts, or for a listener that asks clients for no certificate
 * @param revocations which certificates of {@code ca} are taken back, a list signed by one of its authorities; null for none
 */
public record TlsFiles(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path ca,
        @Nullable Path revocations) {
    private static final char[] NO_PASSWORD = new char[0];

    public TlsFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("tls has "
                    + (certificate == null ? "a key without a certificate" : "a certificate without a key")
                    + ", expected both or none");
        }
        if (revocations != null && ca == null) {
            throw new IllegalArgumentException(
                    "tls has revocations without a ca, expected the authority that signs them");
        }
    }

    /** Nothing is taken back. */
    public TlsFiles(@Nullable Path certificate, @Nullable Path key, @Nullable Path ca) {
        this(certificate, key, ca, null);
    }

    /**
     * Whom to trust, read again when a file changes; null without {@code ca}.
     *
     * @param time for certificates; null for the system's clock
     */
    public @Nullable ReloadingTrust trust(LongSupplier nanoTime, @Nullable CertificateTime time) throws IOException {
        Path file = ca;
        return file == null ? null : new ReloadingTrust(file, revocations, nanoTime, time);
    }

    /** Certificate and key as they are now; null when there are none. */
    public @Nullable KeyManagerFactory keys() throws IOException {
        Path certificateFile = certificate;
        Path keyFile = key;
        return certificateFile == null || keyFile == null ? null : keys(certificateFile, keyFile);
    }

    /** For libraries that take the JDK's TLS; keys and authorities as they are now. */
    public SSLContext context() throws IOException {
        return context(null);
    }

    /** @param time for certificates; null for the system's clock */
    public SSLContext context(@Nullable CertificateTime time) throws IOException {
        KeyManagerFactory keys = keys();
        TrustManager trust = trust(() -> 0, time);
        TrustManager[] trusted = trust == null ? null : new TrustManager[] {trust};
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys == null ? null : keys.getKeyManagers(), trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** @throws IOException a file cannot be read, or key and certificate do not belong together */
    static KeyManagerFactory keys(Path certificateFile, Path keyFile) throws IOException {
        List<X509Certificate> chain = Pem.certificates(certificateFile);
        PrivateKey key = Pem.privateKey(keyFile);
        KeyPairCheck.belongTogether(chain.get(0), key, certificateFile, keyFile);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("key", key, NO_PASSWORD, chain.toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    certificateFile + " and " + keyFile + " cannot be used together: " + e.getMessage(), e);
        }
    }

    static TrustManagerFactory trusted(List<X509Certificate> authorities, String name) throws IOException {
        return trusted(authorities, name, null);
    }

    /** @param at the moment at which certificates have to be valid; null for the system's clock */
    static TrustManagerFactory trusted(List<X509Certificate> authorities, String name, @Nullable Date at)
            throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            for (Certificate each : authorities) {
                store.setCertificateEntry("ca" + count++, each);
            }
            if (at == null) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                return factory;
            }
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(at);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException(name + " cannot be used: " + e.getMessage(), e);
        }
    }
}
