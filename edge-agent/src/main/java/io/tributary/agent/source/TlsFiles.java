package io.tributary.agent.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code tls} of a source: PEM files, read when the source starts.
 *
 * @param certificate our own, with the intermediates behind it; null for a client that shows none
 * @param key of the certificate, PKCS #8 without a password
 * @param ca whom to trust; null for those that Java trusts, or for a listener that asks clients for no certificate
 */
public record TlsFiles(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path ca) {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "Ed25519");

    public TlsFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("tls has "
                    + (certificate == null ? "a key without a certificate" : "a certificate without a key")
                    + ", expected both or none");
        }
    }

    /** Certificate and key; null when there are none. */
    public @Nullable KeyManagerFactory keys() throws IOException {
        Path certificateFile = certificate;
        Path keyFile = key;
        if (certificateFile == null || keyFile == null) {
            return null;
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            char[] none = new char[0];
            store.setKeyEntry(
                    "key",
                    privateKey(keyFile),
                    none,
                    certificates(certificateFile).toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, none);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    certificateFile + " and " + keyFile + " cannot be used together: " + e.getMessage(), e);
        }
    }

    /** The authorities of {@code ca}; null when there is none. */
    public @Nullable TrustManagerFactory trusted() throws IOException {
        Path file = ca;
        if (file == null) {
            return null;
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            for (Certificate each : certificates(file)) {
                store.setCertificateEntry("ca" + count++, each);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** For libraries that take the JDK's TLS. */
    public SSLContext context() throws IOException {
        KeyManagerFactory keys = keys();
        TrustManagerFactory trusted = trusted();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys == null ? null : keys.getKeyManagers(),
                    trusted == null ? null : trusted.getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        byte[] pem = Files.readAllBytes(file);
        try {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (certificates.isEmpty()) {
                throw new IOException(file + " has no certificate, expected PEM");
            }
            return certificates;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no readable certificate, expected PEM: " + e.getMessage(), e);
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException(file + " has no PKCS #8 key without a password (\"BEGIN PRIVATE KEY\");"
                    + " openssl pkcs8 -topk8 -nocrypt makes one of others");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        InvalidKeySpecException last = new InvalidKeySpecException("no key type fits");
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                last = e; // of another type
            }
        }
        throw new IOException(file + " has a key that is none of " + String.join(", ", KEY_TYPES), last);
    }
}
