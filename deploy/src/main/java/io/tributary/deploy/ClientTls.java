package io.tributary.deploy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS of a client, from the files that {@code ca init} and {@code enroll} write. */
final class ClientTls {
    private static final char[] NO_PASSWORD = new char[0];
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";
    private static final String CERTIFICATE_BEGIN = "-----BEGIN CERTIFICATE-----";

    private ClientTls() {}

    /**
     * @param ca PEM of the authority
     * @param identity PEM of a key (EC) and its certificate; null for none
     */
    static SSLContext context(Path ca, @Nullable Path identity) throws IOException {
        try {
            KeyStore trusted = store();
            try (InputStream pem = Files.newInputStream(ca)) {
                trusted.setCertificateEntry("ca", certificate(pem));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity == null ? null : keys(identity).getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot use " + ca + " and " + identity, e);
        }
    }

    private static KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(InputStream pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }

    private static KeyManagerFactory keys(Path identity) throws GeneralSecurityException, IOException {
        String text = Files.readString(identity, StandardCharsets.US_ASCII);
        String base64 = text.substring(text.indexOf(KEY_BEGIN) + KEY_BEGIN.length(), text.indexOf(KEY_END));
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        byte[] certificate = text.substring(text.indexOf(CERTIFICATE_BEGIN)).getBytes(StandardCharsets.US_ASCII);
        KeyStore store = store();
        store.setKeyEntry(
                "own", key, NO_PASSWORD, new Certificate[] {certificate(new ByteArrayInputStream(certificate))});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory;
    }
}
