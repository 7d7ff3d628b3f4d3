package io.tributary.agent.source.opcua;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Period;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.DefaultClientCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.eclipse.milo.opcua.stack.core.util.validation.ValidationCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom we trust, and who we are, as files.
 *
 * <pre>
 * own/certificate.der   ours, to be trusted by the server     trusted/   servers' certificates, or of their authorities
 * own/key.pem           mode 600, made at the first start     issuers/   authorities in between, *.crl beside them
 *                                                             rejected/  what a server showed and nobody trusted yet
 * </pre>
 *
 * To trust a server its certificate is moved from {@code rejected} to {@code trusted}; the folders are read for every
 * connection, so that nothing has to be restarted. Any thread.
 */
public final class TrustFolder {
    private static final Logger LOG = LoggerFactory.getLogger(TrustFolder.class);
    private static final int KEY_BITS = 2048;
    private static final Period VALIDITY = Period.ofYears(10);
    /** A hostile network can show any number of certificates. */
    private static final int REJECTED_MOST = 32;

    private static final String PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_END = "-----END PRIVATE KEY-----";
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;

    TrustFolder(Path folder) {
        this.folder = folder;
    }

    /** Our key and certificate. */
    record Identity(KeyPair keys, X509Certificate certificate, String applicationUri) {}

    /**
     * Reads our key and certificate, or makes them.
     *
     * @param applicationUri of a certificate that has to be made; one that is there keeps its own
     */
    synchronized Identity identity(String applicationUri) throws IOException {
        for (String each : List.of("trusted", "issuers", "rejected")) {
            Files.createDirectories(folder.resolve(each));
        }
        Path own = folder.resolve("own");
        if (!Files.isDirectory(own)) {
            Files.createDirectory(own, OWNER_ONLY_DIRECTORY);
        }
        Path keyFile = own.resolve("key.pem");
        Path certificateFile = own.resolve("certificate.der");
        try {
            if (!Files.exists(keyFile)) {
                make(keyFile, certificateFile, applicationUri);
            }
            X509Certificate certificate = certificates(certificateFile).get(0);
            String uri = CertificateUtil.getSanUri(certificate).orElse(applicationUri);
            return new Identity(keys(keyFile), certificate, uri);
        } catch (GeneralSecurityException e) {
            throw new IOException(own + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static void make(Path keyFile, Path certificateFile, String applicationUri)
            throws IOException, GeneralSecurityException {
        KeyPair keys = SelfSignedCertificateGenerator.generateRsaKeyPair(KEY_BITS);
        X509Certificate certificate;
        try {
            certificate = new SelfSignedCertificateBuilder(keys)
                    .setCommonName("Tributary edge-agent")
                    .setOrganization("Tributary")
                    .setApplicationUri(applicationUri)
                    .addDnsName("localhost")
                    .setValidityPeriod(VALIDITY)
                    .build();
        } catch (Exception e) { // declared so by the library
            throw new GeneralSecurityException("no certificate: " + e.getMessage(), e);
        }
        Files.write(certificateFile, certificate.getEncoded());
        String pem = PEM_BEGIN + "\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(keys.getPrivate().getEncoded())
                + "\n" + PEM_END + "\n";
        // The key last: with it, both are there.
        Path beside = keyFile.resolveSibling("key.pem.new");
        Files.deleteIfExists(beside);
        Files.createFile(beside, OWNER_ONLY);
        Files.writeString(beside, pem, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
        Files.move(beside, keyFile);
        LOG.info("made {} and {}: have the server trust the certificate", keyFile, certificateFile);
    }

    private static KeyPair keys(Path file) throws IOException, GeneralSecurityException {
        String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        int begin = pem.indexOf(PEM_BEGIN);
        int end = pem.indexOf(PEM_END);
        if (begin < 0 || end < begin) {
            throw new IOException(file + " has no PKCS #8 key without a password (\"BEGIN PRIVATE KEY\")");
        }
        KeyFactory factory = KeyFactory.getInstance("RSA");
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + PEM_BEGIN.length(), end));
        PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(der));
        if (!(key instanceof RSAPrivateCrtKey rsa)) {
            throw new IOException(file + " has a key that is not RSA");
        }
        return new KeyPair(
                factory.generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent())), key);
    }

    /** Trusts what the folders hold at the moment of each connection; keeps what it does not trust in {@code rejected}. */
    CertificateValidator validator() {
        return (chain, applicationUri, hostNames) -> {
            MemoryTrustListManager trust = new MemoryTrustListManager();
            try {
                trust.setTrustedCertificates(all("trusted"));
                trust.setIssuerCertificates(all("issuers"));
                trust.setTrustedCrls(revocations("trusted"));
                trust.setIssuerCrls(revocations("issuers"));
            } catch (IOException e) {
                throw new UaException(e);
            }
            new DefaultClientCertificateValidator(trust, Set.of(ValidationCheck.VALIDITY), new Rejected())
                    .validateCertificateChain(chain, applicationUri, hostNames);
        };
    }

    private List<X509Certificate> all(String name) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        for (Path file : files(name)) {
            if (!file.toString().endsWith(".crl")) {
                found.addAll(certificates(file));
            }
        }
        return found;
    }

    private List<X509CRL> revocations(String name) throws IOException {
        List<X509CRL> found = new ArrayList<>();
        for (Path file : files(name)) {
            if (file.toString().endsWith(".crl")) {
                try {
                    CertificateFactory.getInstance("X.509")
                            .generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)))
                            .forEach(each -> found.add((X509CRL) each));
                } catch (GeneralSecurityException e) {
                    throw new IOException(file + " is no revocation list: " + e.getMessage(), e);
                }
            }
        }
        return found;
    }

    private List<Path> files(String name) throws IOException {
        Path directory = folder.resolve(name);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            List<X509Certificate> found = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .forEach(each -> found.add((X509Certificate) each));
            if (!found.isEmpty()) {
                return found;
            }
            throw new IOException(file + " has no certificate, expected DER or PEM");
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no certificate, expected DER or PEM: " + e.getMessage(), e);
        }
    }

    private final class Rejected implements CertificateQuarantine {
        @Override
        public List<X509Certificate> getRejectedCertificates() {
            return List.of();
        }

        @Override
        public void addRejectedCertificate(X509Certificate certificate) {
            try {
                byte[] der = certificate.getEncoded();
                String print = HexFormat.of()
                        .formatHex(CertificateUtil.thumbprint(certificate).bytesOrEmpty());
                Path file = folder.resolve("rejected").resolve(print + ".der");
                if (!Files.exists(file) && files("rejected").size() < REJECTED_MOST) {
                    Files.createDirectories(file.getParent());
                    Files.write(file, der);
                    LOG.warn(
                            "not trusted: {} ({}); to trust it, move {} to {}",
                            certificate.getSubjectX500Principal(),
                            print,
                            file,
                            folder.resolve("trusted"));
                }
            } catch (IOException | GeneralSecurityException | UaException e) {
                LOG.warn("a certificate that is not trusted could not be kept", e);
            }
        }

        @Override
        public void removeRejectedCertificate(X509Certificate certificate) {
            // By hand, in the folder.
        }
    }
}
