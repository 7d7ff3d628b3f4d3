package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.seal.EncryptionOptions;
import io.tributary.agent.seal.KeySource;
import io.tributary.agent.seal.Seals;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncryptedOutboxTest {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final byte[] MASTER = HEX.parseHex(
            "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" + " 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f");
    private static final byte[] SALT = HEX.parseHex("a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af");
    /** Computed apart from this program, by Python's hmac and cryptography, from FORMAT.md. */
    private static final String BATCH_VALUE = "02 d8 0a 7a 4b 18 86 72 51 ed fa 00 00 18 86 72 51 ed fa 00 02 18 86 72"
            + " 52 0b c7 65 00 d8 56 ba d8 6b 7b bf bb a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa"
            + " ab ac ad ae af 00 00 00 00 00 00 00 00 b9 7e 65 d7 71 2f d9 4b 84 65 11"
            + " ac d4 b2 ca ea 1c bd a9 7e";

    private static final String LETTER_VALUE = "ff d8 56 ba d8 6b 7b bf bb a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae"
            + " af 00 00 00 00 00 00 00 01 79 4d 6c a9 5b a2 a7 d0 7d 59 86 0b 9c ef 76"
            + " c9 01 33 b6 db e9 de a1 78 fa da 4a 6f a2 26 59 ac 6f 33";

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @Test
    void sealedBatchAndLetter_haveTheDrawnBytes() throws Exception {
        OutboxCodec codec = new OutboxCodec(Seals.seal(MASTER, SALT));
        EncodedBatch batch = new EncodedBatch(
                3,
                1_767_225_600_000_000_000L,
                1_767_225_600_000_000_002L,
                1_767_225_600_500_000_000L,
                HEX.parseHex("08 01 10 03"));
        byte[] key = OutboxFormat.key(256, batch);
        DeadLetter letter = new DeadLetter(1_767_225_600_000_000_000L, "s", "c", "d", new byte[] {'x'});

        assertThat(HEX.formatHex(codec.value(key, batch))).isEqualTo(BATCH_VALUE);
        assertThat(HEX.formatHex(codec.letter(7, letter))).isEqualTo(LETTER_VALUE);
        OutboxCodec later = new OutboxCodec(Seals.seal(MASTER));
        assertThat(later.record(key, HEX.parseHex(BATCH_VALUE)).batch())
                .usingRecursiveComparison()
                .isEqualTo(batch);
        assertThat(later.letter(7, HEX.parseHex(LETTER_VALUE)))
                .usingRecursiveComparison()
                .isEqualTo(letter);
        assertThatThrownBy(() -> later.letter(8, HEX.parseHex(LETTER_VALUE)))
                .hasMessageContaining("moved from elsewhere");
    }

    @Test
    void everyByteOfASealedBatch_isBound_alsoWithARightChecksum() throws Exception {
        OutboxCodec codec = new OutboxCodec(Seals.seal(MASTER, SALT));
        byte[] key = HEX.parseHex("00 00 00 00 00 00 01 00 00 00 00 03 00 00 00 04");
        byte[] value = HEX.parseHex(BATCH_VALUE);
        for (int i = 5; i < value.length; i++) {
            byte[] altered = value.clone();
            altered[i] ^= 1;
            assertThatThrownBy(() -> codec.record(key, altered)).isInstanceOf(OutboxException.class);
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(altered, 5, altered.length - 5);
            java.nio.ByteBuffer.wrap(altered).putInt(1, (int) crc.getValue());
            assertThatThrownBy(() -> codec.record(key, altered)).isInstanceOf(OutboxException.class);
        }
        byte[] elsewhere = key.clone();
        elsewhere[7] = 9;
        assertThatThrownBy(() -> codec.record(elsewhere, value))
                .isInstanceOfSatisfying(
                        OutboxException.class, e -> assertThat(e.isDamage()).isTrue())
                .hasMessageContaining("batch at sequence 265 is sealed with key d856bad86b7bbfbb and altered since");
    }

    @Test
    void valuesAndLetters_areNotOnDisk_andComeBack() throws Exception {
        Path key = key("one", 1);
        OutboxOptions options = options(encryption(key));
        EncodedBatch secret =
                new EncodedBatch(1, 5, 6, 7, "temperature-of-the-secret-vat".getBytes(StandardCharsets.UTF_8));
        try (RocksOutbox outbox = RocksOutbox.open(options, clock)) {
            outbox.append(
                    List.of(secret),
                    List.of(new DeadLetter(
                            1, "src", "malformed", "detail-of-vat", "letter-of-vat".getBytes(StandardCharsets.UTF_8))),
                    true);
        }
        try (RocksOutbox outbox = RocksOutbox.open(options, clock)) {
            assertThat(outbox.read(0, Long.MAX_VALUE, 1 << 20).get(0).batch())
                    .usingRecursiveComparison()
                    .isEqualTo(secret);
            assertThat(outbox.deadLetters(10))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.detail()).isEqualTo("detail-of-vat"));
        }
        try (Stream<Path> files = Files.walk(directory.resolve("outbox"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("vat");
            }
        }
    }

    @Test
    void missingKey_stopsTheStart_andNothingIsChanged() throws Exception {
        Path one = key("one", 1);
        Path two = key("two", 2);
        append(encryption(one), 10);
        for (EncryptionOptions wrong : new @Nullable EncryptionOptions[] {encryption(two), null}) {
            assertThatThrownBy(() -> open(wrong))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("holds records sealed with key ")
                    .hasMessageContaining("nothing was changed");
        }
        try (RocksOutbox outbox = open(encryption(one))) {
            assertThat(outbox.stats().queuedReadings()).isEqualTo(10);
            assertThat(outbox.read(0, Long.MAX_VALUE, 1 << 20)).hasSize(1);
        }
    }

    @Test
    void rotatedKey_readsTheOldAsLongAsItIsListed_andItMayGoWhenNothingIsLeft() throws Exception {
        Path one = key("one", 1);
        Path two = key("two", 2);
        append(null, 5);
        append(encryption(one), 10);
        EncryptionOptions rotated = new EncryptionOptions(true, two, null, List.of(new KeySource(one, null)));
        append(rotated, 20);
        assertThatThrownBy(() -> open(encryption(two))).hasMessageContaining("under old-keys");
        try (RocksOutbox outbox = open(rotated)) {
            assertThat(outbox.read(0, Long.MAX_VALUE, 1 << 20))
                    .extracting(record -> record.batch().readings())
                    .containsExactly(5, 10, 20);
            outbox.free(outbox.epoch(), List.of(new SequenceRange(0, 15)));
        }
        try (RocksOutbox outbox = open(encryption(two))) {
            assertThat(outbox.read(0, Long.MAX_VALUE, 1 << 20)).hasSize(1);
        }
        EncryptionOptions off = new EncryptionOptions(false, two, null, List.of());
        append(off, 7);
        assertThat(sealedBy(null))
                .hasSize(2)
                .satisfies(each -> assertThat(each.get(0)).isNotEmpty(), each -> {});
        assertThat(sealedBy(null).get(1)).isEmpty();
    }

    @Test
    void damagedEncryptedOutbox_isSalvagedWithItsKey_andWaitsForItWithout() throws Exception {
        Path one = key("one", 1);
        append(encryption(one), 10);
        append(encryption(one), 20);
        Files.delete(directory.resolve("outbox/CURRENT"));
        assertThatThrownBy(() -> open(null)).hasMessageContaining("name these keys in outbox.encryption");
        try (RocksOutbox outbox = open(encryption(one))) {
            assertThat(outbox.stats().queuedReadings()).isEqualTo(30);
            assertThat(outbox.read(0, Long.MAX_VALUE, 1 << 20))
                    .extracting(record -> record.batch().readings())
                    .containsExactly(10, 20);
        }
    }

    @Test
    void doctor_showsWhatIsSealed_andOpensItWithTheKeyOnly() throws Exception {
        Path one = key("one", 1);
        append(encryption(one), 10);
        Path outbox = directory.resolve("outbox");
        try (OutboxDoctor doctor = OutboxDoctor.open(outbox, Seals.none())) {
            assertThat(doctor.stats().queuedReadings()).isEqualTo(10);
            assertThatThrownBy(() -> doctor.forEachOpened(0, (batch, sealedBy) -> true))
                    .hasMessageContaining("batch at sequence 0 is sealed with key ");
        }
        assertThat(sealedBy(null).get(0)).hasSize(16);
        assertThat(OutboxDoctor.verify(outbox, Seals.none()).problems()).isEmpty();
        assertThat(OutboxDoctor.verify(outbox, Seals.load(encryption(one))).problems())
                .isEmpty();
    }

    private List<String> sealedBy(@Nullable EncryptionOptions encryption) throws Exception {
        List<String> keys = new ArrayList<>();
        try (OutboxDoctor doctor = OutboxDoctor.open(directory.resolve("outbox"), Seals.load(encryption))) {
            doctor.forEach(0, (batch, sealedBy) -> keys.add(sealedBy == null ? "" : sealedBy));
        }
        return keys;
    }

    private void append(@Nullable EncryptionOptions encryption, int readings) throws Exception {
        try (RocksOutbox outbox = open(encryption)) {
            outbox.append(List.of(Outboxes.batch(readings, clock.wallNs())), List.of(), true);
        }
    }

    private RocksOutbox open(@Nullable EncryptionOptions encryption) throws IOException {
        return RocksOutbox.open(options(encryption), clock);
    }

    private OutboxOptions options(@Nullable EncryptionOptions encryption) {
        return Outboxes.encrypted(directory.resolve("outbox"), encryption);
    }

    private static EncryptionOptions encryption(Path key) {
        return new EncryptionOptions(true, key, null, List.of());
    }

    private Path key(String name, int first) throws IOException {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        Path file = directory.resolve(name);
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
