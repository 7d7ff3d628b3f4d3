package io.tributary.pki;

import io.tributary.tls.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;

/** New keys: ECDSA on P-256, which every TLS 1.2 and 1.3 library speaks. */
public final class Keys {
    static final String SIGNATURE = "SHA256withECDSA";

    private Keys() {}

    public static KeyPair create() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every Java has P-256", e);
        }
    }

    /** PKCS #8, without a password: what protects it is the mode of its file. */
    public static String pem(PrivateKey key) {
        return Pem.block("PRIVATE KEY", key.getEncoded());
    }
}
