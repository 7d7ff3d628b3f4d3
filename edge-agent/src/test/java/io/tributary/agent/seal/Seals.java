package io.tributary.agent.seal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Seals that tests begin with. */
public final class Seals {
    private Seals() {}

    /** With a salt that is not random. */
    public static RecordSeal seal(byte[] key, byte[] salt) {
        return new RecordSeal(KeyRing.of(key), salt);
    }

    public static RecordSeal seal(byte[] key) {
        return new RecordSeal(KeyRing.of(key));
    }

    public static KeyRing none() {
        return KeyRing.none();
    }

    public static KeyRing load(@Nullable EncryptionOptions options) throws IOException {
        return KeyRing.load(options);
    }
}
