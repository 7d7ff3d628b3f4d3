package io.tributary.agent.seal;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals and opens records by AES-256-GCM.
 *
 * <pre>
 * | key ID u64 | salt 16 bytes | counter u64 | ciphertext, as long as the plain text | tag 16 bytes |
 * </pre>
 *
 * <p>The nonce is the counter, which begins at 0 with every instance, under a key that the instance derives for itself
 * from the master key and 128 random bits. So nothing has to be remembered between starts, and an outbox that is copied
 * back, or a box that is cloned, repeats no nonce: what is counted twice is counted under different keys.
 *
 * <p>Any thread.
 */
public final class RecordSeal {
    /** What sealing adds. */
    public static final int OVERHEAD_BYTES = 48;

    private static final int SALT_BYTES = 16;
    private static final int HEADER_BYTES = 8 + SALT_BYTES + 8;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String AES_GCM = "AES/GCM/NoPadding";
    /** Openings whose keys are kept: records of one opening come one after another. */
    private static final int OPENINGS_KEPT = 8;

    private final KeyRing keys;
    private final byte[] salt;

    // Guarded by this.
    private final Map<ByteBuffer, SecretKeySpec> openings;
    private long counter;

    public RecordSeal(KeyRing keys) {
        this(keys, randomSalt());
    }

    RecordSeal(KeyRing keys, byte[] salt) {
        this.keys = keys;
        this.salt = salt.clone();
        this.openings = new LinkedHashMap<>(OPENINGS_KEPT * 2, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteBuffer, SecretKeySpec> eldest) {
                return size() > OPENINGS_KEPT;
            }
        };
    }

    private static byte[] randomSalt() {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    public KeyRing keys() {
        return keys;
    }

    /** True when new records are to be sealed. */
    public boolean writes() {
        return keys.writes();
    }

    /**
     * @param context what the record is and where it lies: it opens only with the same
     * @return as drawn above
     */
    public byte[] seal(byte[] context, byte[] plain) {
        MasterKey master = keys.current();
        if (master == null) {
            throw new IllegalStateException("BUG: there is no key to seal with");
        }
        SecretKeySpec key;
        long number;
        synchronized (this) {
            key = opening(master, salt);
            number = counter++;
        }
        byte[] sealed = new byte[plain.length + OVERHEAD_BYTES];
        ByteBuffer.wrap(sealed).putLong(master.id()).put(salt).putLong(number);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, number);
            cipher.updateAAD(context);
            cipher.doFinal(plain, 0, plain.length, sealed, HEADER_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every Java platform has " + AES_GCM, e);
        }
    }

    /**
     * @param sealed an array that begins with the record at {@code offset} and ends with it
     * @throws SealException its key is not there, or key, record or context are not those of the sealing
     */
    public byte[] open(byte[] context, byte[] sealed, int offset) throws SealException {
        int length = sealed.length - offset;
        if (length < OVERHEAD_BYTES) {
            throw new SealException(
                    "sealed record of " + length + " bytes, expected at least " + OVERHEAD_BYTES, false);
        }
        ByteBuffer in = ByteBuffer.wrap(sealed, offset, length);
        long id = in.getLong();
        byte[] from = new byte[SALT_BYTES];
        in.get(from);
        long number = in.getLong();
        MasterKey master = keys.key(id);
        if (master == null) {
            throw new SealException("sealed with key " + name(id) + ", the keys at hand are " + keys.names(), true);
        }
        SecretKeySpec key;
        synchronized (this) {
            key = opening(master, from);
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, number);
            cipher.updateAAD(context);
            return cipher.doFinal(sealed, offset + HEADER_BYTES, length - HEADER_BYTES);
        } catch (AEADBadTagException e) {
            throw new SealException("sealed with key " + name(id) + " and altered since, or moved from elsewhere", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every Java platform has " + AES_GCM, e);
        }
    }

    private static Cipher cipher(int mode, SecretKeySpec key, long number) throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE_BYTES];
        ByteBuffer.wrap(nonce).putInt(0).putLong(number);
        Cipher cipher = Cipher.getInstance(AES_GCM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private SecretKeySpec opening(MasterKey master, byte[] from) {
        ByteBuffer name = ByteBuffer.allocate(8 + SALT_BYTES)
                .putLong(master.id())
                .put(from)
                .flip();
        return openings.computeIfAbsent(name, unused -> master.derive(from));
    }

    /** The key that sealed it; for listings without keys. */
    public static long keyId(byte[] sealed, int offset) {
        return ByteBuffer.wrap(sealed, offset, Long.BYTES).getLong();
    }

    /** A key's ID as people read it. */
    public static String name(long keyId) {
        return "%016x".formatted(keyId);
    }
}
