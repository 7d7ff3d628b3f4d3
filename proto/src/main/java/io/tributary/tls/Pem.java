package io.tributary.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates, keys and revocation lists as PEM (RFC 7468). Errors name the file and what it should hold. */
public final class Pem {
    /** Far above any chain; a file beyond it is not what it should be. */
    private static final long FILE_BYTES_MAX = 1 << 20;

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");
    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "Ed25519");

    private Pem() {}

    /** Every certificate of the file, in its order; other blocks, such as a key, are passed over. */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        return certificates(text(file), file.toString());
    }

    /** @param name for messages */
    public static List<X509Certificate> certificates(String pem, String name) throws IOException {
        StringBuilder blocks = new StringBuilder();
        Matcher block = CERTIFICATE.matcher(pem);
        while (block.find()) {
            blocks.append(block.group()).append('\n');
        }
        if (blocks.isEmpty()) {
            throw new IOException(name + " has no certificate, expected PEM (\"BEGIN CERTIFICATE\")");
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(blocks.toString().getBytes(StandardCharsets.US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new IOException(name + " has no readable certificate, expected PEM: " + e.getMessage(), e);
        }
    }

    public static X509CRL revocations(Path file) throws IOException {
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(text(file).getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is not a revocation list, expected PEM (\"BEGIN X509 CRL\")", e);
        }
    }

    /** The one key of the file, PKCS #8 without a password. */
    public static PrivateKey privateKey(Path file) throws IOException {
        Matcher pem = PRIVATE_KEY.matcher(text(file));
        if (!pem.find()) {
            throw new IOException(file + " has no PKCS #8 key without a password (\"BEGIN PRIVATE KEY\");"
                    + " openssl pkcs8 -topk8 -nocrypt makes one of others");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        GeneralSecurityException last = new InvalidKeySpecException("no key type fits");
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                last = e; // of another type
            }
        }
        throw new IOException(file + " has a key that is none of " + String.join(", ", KEY_TYPES), last);
    }

    /** One block. */
    public static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(
                    file + " has " + Files.size(file) + " bytes, expected PEM of at most " + FILE_BYTES_MAX + " bytes");
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
