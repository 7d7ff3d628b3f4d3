package io.tributary.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;

/** Whether a key is the certificate's: a wrong pair would otherwise show only as a failed handshake at the peer. */
final class KeyPairCheck {
    private static final byte[] PROBE = "tributary".getBytes(StandardCharsets.US_ASCII);

    private KeyPairCheck() {}

    /** @throws IOException they do not belong together, with both files' names */
    static void belongTogether(X509Certificate certificate, PrivateKey key, Path certificateFile, Path keyFile)
            throws IOException {
        PublicKey known = certificate.getPublicKey();
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        boolean fits = false;
        GeneralSecurityException cause = null;
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(known);
            verifier.update(PROBE);
            fits = verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            cause = e; // of another algorithm
        }
        if (!fits) {
            throw new IOException(
                    "the key of " + keyFile + " is not that of the certificate of " + certificateFile
                            + ", expected a pair",
                    cause);
        }
    }
}
