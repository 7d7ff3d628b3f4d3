package io.tributary.agent.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of 256 bits as its owner keeps it. It never encrypts by itself: every opening of an outbox derives its own key
 * from it, so that a counter is enough of a nonce. Its ID is derived from it, too, so that nobody has to name keys, and a
 * wrong key is told from a missing one.
 */
final class MasterKey {
    static final int BYTES = 32;
    private static final String HMAC = "HmacSHA256";
    private static final byte[] ID_LABEL = "tributary outbox key id".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RECORD_LABEL = "tributary outbox record".getBytes(StandardCharsets.US_ASCII);

    private final SecretKeySpec secret;
    private final long id;

    MasterKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("key of " + bytes.length + " bytes, expected " + BYTES);
        }
        this.secret = new SecretKeySpec(bytes, HMAC);
        this.id = ByteBuffer.wrap(hmac(ID_LABEL, new byte[0])).getLong();
    }

    long id() {
        return id;
    }

    /** The key of one opening (NIST SP 800-108, one block in counter mode with a fixed label). */
    SecretKeySpec derive(byte[] salt) {
        byte[] key = hmac(RECORD_LABEL, salt);
        try {
            return new SecretKeySpec(key, "AES");
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private byte[] hmac(byte[] label, byte[] context) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(secret);
            mac.update((byte) 1);
            mac.update(label);
            mac.update((byte) 0);
            return mac.doFinal(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every Java platform has HmacSHA256", e);
        }
    }

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return "key " + RecordSeal.name(id);
    }
}
