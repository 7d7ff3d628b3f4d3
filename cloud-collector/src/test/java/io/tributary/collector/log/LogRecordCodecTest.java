package io.tributary.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
class LogRecordCodecTest {
    private static final LogRecord RANKED =
            new LogRecord(new Origin("gw-7", 3), 1000, 1_700_000_000_123_456_789L, 42, null, new byte[] {9, 8, 7});
    private static final LogRecord PICKED = new LogRecord(
            new Origin("gw-7", 3),
            1000,
            1_700_000_000_123_456_789L,
            42,
            new long[][] {{1000, 1010, 1030}, {1040}},
            new byte[] {9, 8, 7});

    @Test
    void record_hasGoldenBytes() {
        assertThat(HexFormat.of().formatHex(LogRecordCodec.encode(RANKED)))
                .isEqualTo("01a561104f120000000467772d3703e80715cd853dfe9c97172a00090807");
        assertThat(HexFormat.of().formatHex(LogRecordCodec.encode(PICKED)))
                .isEqualTo("017474cd431e0000000467772d3703e80715cd853dfe9c97172a01020305d00f1300140101a010090807");
    }

    @Test
    void record_survives() throws CorruptColumnException {
        LogRecord record = LogRecordCodec.decode(LogRecordCodec.encode(PICKED));
        assertThat(record.origin()).isEqualTo(PICKED.origin());
        assertThat(record.firstSequence()).isEqualTo(1000);
        assertThat(record.collectorTimeNs()).isEqualTo(PICKED.collectorTimeNs());
        assertThat(record.readings()).isEqualTo(42);
        assertThat(record.rowSequences()).isDeepEqualTo(PICKED.rowSequences());
        assertThat(record.batch()).containsExactly(9, 8, 7);
        assertThat(LogRecordCodec.decode(LogRecordCodec.encode(RANKED)).rowSequences())
                .isNull();
    }

    @Test
    void damagedHeader_isRefused() {
        byte[] bytes = LogRecordCodec.encode(PICKED);
        for (int i = 0; i < bytes.length - 3; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x10;
            assertThatThrownBy(() -> LogRecordCodec.decode(damaged)).isInstanceOf(CorruptColumnException.class);
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> LogRecordCodec.decode(cut)).isInstanceOf(CorruptColumnException.class);
        }
    }
}
