package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.agent.clock.ManualClock;
import io.tributary.model.SequenceRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes that FORMAT.md draws: what is on a disk today is read by every later version. */
final class OutboxFormatTest {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    /** What stands inside is not the outbox's business. */
    private static final byte[] BATCH = HEX.parseHex("08 01 10 03");

    private static final EncodedBatch ENCODED = new EncodedBatch(
            3, 1_767_225_600_000_000_000L, 1_767_225_600_000_000_002L, 1_767_225_600_500_000_000L, BATCH);
    private static final String BATCH_KEY = "00 00 00 00 00 00 01 00 00 00 00 03 00 00 00 04";
    private static final String BATCH_VALUE = "01 88 05 a8 80"
            + " 18 86 72 51 ed fa 00 00"
            + " 18 86 72 51 ed fa 00 02"
            + " 18 86 72 52 0b c7 65 00"
            + " 08 01 10 03";

    @TempDir
    Path directory;

    @Test
    void batch_hasTheDrawnBytes() throws Exception {
        assertThat(HEX.formatHex(OutboxFormat.key(256, ENCODED))).isEqualTo(BATCH_KEY);
        assertThat(HEX.formatHex(OutboxFormat.value(ENCODED))).isEqualTo(BATCH_VALUE);
    }

    @Test
    void oldBatch_isRead() throws Exception {
        OutboxRecord record = OutboxFormat.record(HEX.parseHex(BATCH_KEY), HEX.parseHex(BATCH_VALUE));

        assertThat(record.range()).isEqualTo(new SequenceRange(256, 3));
        assertThat(record.batch()).usingRecursiveComparison().isEqualTo(ENCODED);
    }

    @Test
    void damagedOrLaterBatch_isRefusedWithItsSequence() {
        byte[] key = HEX.parseHex(BATCH_KEY);
        for (int i = 0; i < HEX.parseHex(BATCH_VALUE).length; i++) {
            byte[] value = HEX.parseHex(BATCH_VALUE);
            value[i] ^= 0x10;
            assertThatThrownBy(() -> OutboxFormat.record(key, value))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("batch at sequence 256");
        }
        byte[] later = HEX.parseHex(BATCH_VALUE);
        later[0] = 2;
        assertThatThrownBy(() -> OutboxFormat.record(key, later)).hasMessageContaining("version 2, expected 1");
        assertThatThrownBy(() -> OutboxFormat.record(key, Arrays.copyOf(later, 12)))
                .hasMessageContaining("has 12 bytes, expected 33");
        assertThatThrownBy(() -> OutboxFormat.batchKey(Arrays.copyOf(key, 8)))
                .hasMessageContaining("batch key of 8 bytes, expected 16");
    }

    @Test
    void keys_sortBySequence() {
        byte[] last = OutboxFormat.key(0);
        for (long first = 1; first > 0; first *= 3) {
            byte[] key = OutboxFormat.key(first, ENCODED);
            assertThat(Arrays.compareUnsigned(last, key)).isNegative();
            assertThat(Arrays.compareUnsigned(OutboxFormat.key(first), key)).isNegative();
            last = key;
        }
    }

    @Test
    void lostRange_hasTheDrawnBytes() throws Exception {
        LostRange lost = new LostRange(new SequenceRange(256, 3), "outbox-full");
        String value = "00 00 00 00 00 00 00 03 6f 75 74 62 6f 78 2d 66 75 6c 6c";

        assertThat(HEX.formatHex(OutboxFormat.key(256))).isEqualTo("00 00 00 00 00 00 01 00");
        assertThat(HEX.formatHex(OutboxFormat.lost(lost))).isEqualTo(value);
        assertThat(OutboxFormat.lost(OutboxFormat.key(256), HEX.parseHex(value)))
                .isEqualTo(lost);
    }

    @Test
    void deadLetter_hasTheDrawnBytes() throws Exception {
        DeadLetter letter = new DeadLetter(
                1_767_225_600_000_000_000L,
                "tcp.lines",
                "malformed-line",
                "line 2",
                "x y".getBytes(StandardCharsets.UTF_8));
        String value = "18 86 72 51 ed fa 00 00"
                + " 00 09 74 63 70 2e 6c 69 6e 65 73"
                + " 00 0e 6d 61 6c 66 6f 72 6d 65 64 2d 6c 69 6e 65"
                + " 00 06 6c 69 6e 65 20 32"
                + " 78 20 79";

        assertThat(HEX.formatHex(OutboxFormat.letter(letter))).isEqualTo(value);
        assertThat(OutboxFormat.letter(HEX.parseHex(value)))
                .usingRecursiveComparison()
                .isEqualTo(letter);
        assertThatThrownBy(() -> OutboxFormat.letter(HEX.parseHex(value.substring(0, 59))))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("cut short");
    }

    @Test
    void counters_haveTheDrawnBytes_andTakeMoreFieldsBehind() throws Exception {
        Counters counters = Counters.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        StringBuilder value = new StringBuilder("01");
        for (int i = 1; i <= 14; i++) {
            value.append(" 00 00 00 00 00 00 00 %02x".formatted(i));
        }

        assertThat(HEX.formatHex(counters.encode())).isEqualTo(value.toString());
        assertThat(Counters.decode(HEX.parseHex(value))).isEqualTo(counters);
        assertThat(Counters.decode(HEX.parseHex(value + " ff ff"))).isEqualTo(counters);
        assertThatThrownBy(() -> Counters.decode(HEX.parseHex(value.replace(0, 2, "02"))))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("expected version 1");
    }

    @Test
    void epochFile_isOneDecimalLineBesideTheDirectory() throws Exception {
        ManualClock clock = new ManualClock();
        Path outbox = directory.resolve("outbox");

        assertThat(EpochFile.next(outbox, clock)).isEqualTo(clock.wallNs() / 1_000_000);
        assertThat(Files.readString(directory.resolve("outbox.epoch"))).isEqualTo("1700000000000\n");
        clock.setWall(0);
        assertThat(EpochFile.next(outbox, clock)).isEqualTo(1_700_000_000_001L);

        Files.writeString(directory.resolve("outbox.epoch"), "many\n");
        assertThat(EpochFile.next(outbox, clock)).isEqualTo(1);
        assertThat(directory.resolve("outbox.epoch.unreadable")).exists();
    }

    @Test
    void restOfAnEpoch_standsBesideARangeThatBeginsAtZero() throws Exception {
        LostRange salvaged = new LostRange(7, new SequenceRange(0, 760), "salvaged");
        LostRange rest = LostRange.rest(7, "damaged");
        assertThat(OutboxFormat.lostKey(rest)).isNotEqualTo(OutboxFormat.lostKey(salvaged));
        for (LostRange each : List.of(salvaged, rest)) {
            assertThat(OutboxFormat.lost(OutboxFormat.lostKey(each), OutboxFormat.lost(each)))
                    .isEqualTo(each);
        }
    }
}
