package io.tributary.agent.seal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecordSealTest {
    private static final byte[] KEY = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f".repeat(2));
    private static final byte[] OTHER = HexFormat.of().parseHex("f0".repeat(32));
    private static final byte[] SALT = HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    private static final byte[] CONTEXT = "batch 256".getBytes(US_ASCII);
    private static final byte[] PLAIN = "twenty-one degrees".getBytes(US_ASCII);

    /** Computed apart from this program, by Python's hmac and cryptography, from the layout on the page. */
    private static final String GOLDEN = "d856bad86b7bbfbba0a1a2a3a4a5a6a7a8a9aaabacadaeaf0000000000000001"
            + "15bc7b96c2218abf133dd56ff8eb04ad00386b3ea3af4837fab9ada80fc060a6184a";

    @Test
    void sealed_hasTheDrawnBytes() throws Exception {
        RecordSeal seal = new RecordSeal(KeyRing.of(KEY), SALT);
        seal.seal(CONTEXT, new byte[3]);

        assertThat(HexFormat.of().formatHex(seal.seal(CONTEXT, PLAIN))).isEqualTo(GOLDEN);
        assertThat(new RecordSeal(KeyRing.of(KEY)).open(CONTEXT, HexFormat.of().parseHex(GOLDEN), 0))
                .isEqualTo(PLAIN);
    }

    @Test
    void everyByteOfRecordAndContext_isBound() {
        RecordSeal seal = new RecordSeal(KeyRing.of(KEY));
        byte[] sealed = seal.seal(CONTEXT, PLAIN);
        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 1;
            assertThatThrownBy(() -> seal.open(CONTEXT, altered, 0)).isInstanceOf(SealException.class);
        }
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> seal.open(CONTEXT, cut, 0)).isInstanceOf(SealException.class);
        }
        for (int i = 0; i < CONTEXT.length; i++) {
            byte[] elsewhere = CONTEXT.clone();
            elsewhere[i] ^= 1;
            assertThatThrownBy(() -> seal.open(elsewhere, sealed, 0)).hasMessageContaining("moved from elsewhere");
        }
    }

    @Test
    void noNonce_isUsedTwiceUnderAKey() {
        Set<String> used = new HashSet<>();
        for (int opening = 0; opening < 50; opening++) {
            RecordSeal seal = new RecordSeal(KeyRing.of(KEY));
            for (int i = 0; i < 20; i++) {
                String header = HexFormat.of().formatHex(seal.seal(CONTEXT, PLAIN), 0, 32);
                assertThat(used.add(header)).isTrue();
            }
        }
    }

    @Test
    void oldKey_isReadAndNotWritten_andAMissingOneIsNamed() throws Exception {
        byte[] old = new RecordSeal(KeyRing.of(OTHER)).seal(CONTEXT, PLAIN);
        RecordSeal rotated = new RecordSeal(KeyRing.of(KEY, OTHER));

        assertThat(rotated.open(CONTEXT, old, 0)).isEqualTo(PLAIN);
        assertThat(RecordSeal.keyId(rotated.seal(CONTEXT, PLAIN), 0))
                .isEqualTo(KeyRing.of(KEY).currentId())
                .isNotEqualTo(RecordSeal.keyId(old, 0));
        assertThatThrownBy(() -> new RecordSeal(KeyRing.of(KEY)).open(CONTEXT, old, 0))
                .hasMessage("sealed with key " + RecordSeal.name(RecordSeal.keyId(old, 0)) + ", the keys at hand are "
                        + RecordSeal.name(KeyRing.of(KEY).currentId()));
    }
}
