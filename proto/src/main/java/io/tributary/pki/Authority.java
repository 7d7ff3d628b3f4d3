package io.tributary.pki;

import io.tributary.tls.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for one site: signs the collector's certificate, its agents' and the list of those taken back
 * (RFC 5280). Immutable, any thread.
 */
public final class Authority {
    /** Clocks of agents may be behind: what is valid from now on would not be valid for them yet. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private Authority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A new one, signed by itself. */
    public static Authority create(String name, Instant now, Duration validity) {
        KeyPair keys = Keys.create();
        X500Name subject = subject(name);
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    subject,
                    serial(),
                    Date.from(now.minus(BACKDATED)),
                    Date.from(now.plus(validity)),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return new Authority(signed(builder, keys.getPrivate()), keys.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("BUG: an authority cannot be made", e);
        }
    }

    /** @throws IOException a file cannot be used */
    public static Authority read(Path certificate, Path key) throws IOException {
        return new Authority(Pem.certificates(certificate).get(0), Pem.privateKey(key));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    /** For a client that says who it is: names the agent as {@link AgentName} reads it. */
    public X509Certificate forAgent(PublicKey agentKey, String agent, Instant now, Duration validity) {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, AgentName.uri(agent));
        return issue(agentKey, agent, List.of(name), KeyPurposeId.id_kp_clientAuth, now, validity);
    }

    /** @param hosts names and addresses under which agents reach it, at least one */
    public X509Certificate forServer(PublicKey serverKey, List<String> hosts, Instant now, Duration validity) {
        List<GeneralName> names = hosts.stream()
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toList();
        return issue(serverKey, hosts.get(0), names, KeyPurposeId.id_kp_serverAuth, now, validity);
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }

    private X509Certificate issue(
            PublicKey subjectKey,
            String name,
            List<GeneralName> names,
            KeyPurposeId purpose,
            Instant now,
            Duration validity) {
        Instant end = now.plus(validity);
        Instant ours = certificate.getNotAfter().toInstant();
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    certificate,
                    serial(),
                    Date.from(now.minus(BACKDATED)),
                    Date.from(end.isAfter(ours) ? ours : end),
                    subject(name),
                    subjectKey);
            JcaX509ExtensionUtils utilities = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, utilities.createAuthorityKeyIdentifier(certificate));
            return signed(builder, key);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("BUG: a certificate for " + name + " cannot be signed", e);
        }
    }

    /** PEM of the list of certificates taken back; agents need not see it, the collector does. */
    public String revocations(Collection<BigInteger> serials, Instant now, Duration validity) {
        try {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate, Date.from(now));
            builder.setNextUpdate(Date.from(now.plus(validity)));
            for (BigInteger each : serials) {
                builder.addCRLEntry(each, Date.from(now), CRLReason.privilegeWithdrawn);
            }
            return Pem.block(
                    "X509 CRL",
                    builder.build(new JcaContentSignerBuilder(Keys.SIGNATURE).build(key))
                            .getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("BUG: a revocation list cannot be signed", e);
        }
    }

    public static String pem(X509Certificate certificate) {
        try {
            return Pem.block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("BUG: a certificate that was read cannot be written", e);
        }
    }

    /** SHA-256 of the certificate's DER, 32 bytes. */
    public static byte[] fingerprint(X509Certificate certificate) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("BUG: a fingerprint cannot be taken", e);
        }
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey signer)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(Keys.SIGNATURE).build(signer)));
    }

    private static X500Name subject(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    private static BigInteger serial() {
        return new BigInteger(127, RANDOM).add(BigInteger.ONE);
    }
}
