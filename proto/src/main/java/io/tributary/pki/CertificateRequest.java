package io.tributary.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * PKCS #10 (RFC 2986): a public key, and the proof that whoever asks holds the private one. What name goes into the
 * certificate is decided by the authority, not by the request.
 */
public final class CertificateRequest {
    private static final int BYTES_MAX = 16 << 10;

    private CertificateRequest() {}

    /** DER. */
    public static byte[] create(KeyPair keys, String agent) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(
                            new X500NameBuilder(BCStyle.INSTANCE)
                                    .addRDN(BCStyle.CN, agent)
                                    .build(),
                            keys.getPublic())
                    .build(new JcaContentSignerBuilder(Keys.SIGNATURE).build(keys.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("BUG: a request cannot be signed with a key just made", e);
        }
    }

    /** @throws IOException not a request, a weak or foreign key, or its signature is wrong */
    public static PublicKey publicKey(byte[] der) throws IOException {
        if (der.length > BYTES_MAX) {
            throw new IOException(
                    "the certificate request has " + der.length + " bytes, expected at most " + BYTES_MAX);
        }
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
            PublicKey key = request.getPublicKey();
            if (!key.getAlgorithm().equals("EC")) {
                throw new IOException(
                        "the certificate request has a key of type " + key.getAlgorithm() + ", expected EC on P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IOException("the certificate request is not signed with its own key");
            }
            return key;
        } catch (OperatorCreationException | PKCSException | GeneralSecurityException e) {
            throw new IOException("the certificate request cannot be checked", e);
        } catch (RuntimeException e) {
            throw new IOException("this is not a certificate request, expected PKCS #10", e);
        }
    }
}
