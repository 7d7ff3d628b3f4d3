package io.tributary.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.column.ByteSink;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.SequenceRange;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of FORMAT.md. */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class LogRecordCodecTest {
    static final Origin ORIGIN = new Origin("gw-7", 3);
    private static final long TIME = 1_700_000_000_123_456_789L;
    private static final LogRecord RANKED =
            new LogRecord(ORIGIN, 1000, 42, TIME, 42, null, List.of(), 0, null, new byte[] {9, 8, 7});
    private static final LogRecord PICKED = new LogRecord(
            ORIGIN,
            1000,
            50,
            TIME,
            42,
            new long[][] {{1000, 1010, 1030}, {1040}},
            List.of(new RejectedRows(new SequenceRange(1000, 50), 6, "odd", "why", new byte[] {5})),
            2,
            null,
            new byte[] {9, 8, 7});
    private static final LogRecord LOSS =
            new LogRecord(ORIGIN, 1050, 7, TIME, 0, null, List.of(), 0, "full", new byte[0]);

    private static byte[] encode(LogRecord record) {
        ByteSink out = new ByteSink();
        LogRecordCodec.encode(record, 4096, 12, 70, out);
        out.writeBytes(record.batch());
        return out.toByteArray();
    }

    private static LogRecord decode(byte[] bytes, long position) throws CorruptColumnException {
        LogHeader header = LogRecordCodec.header(bytes, 0, bytes.length, position);
        if (header.frameLength() != bytes.length) {
            throw new CorruptColumnException("length");
        }
        assertThat(header.number()).isEqualTo(12);
        assertThat(header.group()).isEqualTo(70);
        return LogRecordCodec.record(header, bytes, header.length());
    }

    @Test
    void records_haveGoldenBytes() {
        assertThat(HexFormat.of().formatHex(encode(RANKED)))
                .isEqualTo("544c4f474670bc811d000000010392a8aab4000c4615cd853dfe9c97170467772d3703e8072a2a0000090807");
        assertThat(HexFormat.of().formatHex(encode(PICKED)))
                .isEqualTo(
                        "544c4f47f6dd78241d000000011ebf19eeaa1b0c4615cd853dfe9c97170467772d3703e807322a0302020305d00f1300140101a01001e8073206036f6464037768790205090807");
        assertThat(HexFormat.of().formatHex(encode(LOSS)))
                .isEqualTo(
                        "544c4f47b433444322000000010000000000000c4615cd853dfe9c97170467772d37039a08070004000466756c6c");
    }

    @Test
    void records_survive() throws CorruptColumnException {
        for (LogRecord record : List.of(RANKED, PICKED, LOSS)) {
            LogRecord read = decode(encode(record), 4096);
            assertThat(read).usingRecursiveComparison().isEqualTo(record);
        }
    }

    @Test
    void damage_isFound_whereverItIs() {
        for (LogRecord record : List.of(RANKED, PICKED, LOSS)) {
            byte[] bytes = encode(record);
            for (int i = 0; i < bytes.length; i++) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= 0x10;
                assertThatThrownBy(() -> decode(damaged, 4096)).isInstanceOf(CorruptColumnException.class);
                byte[] cut = Arrays.copyOf(bytes, i);
                assertThatThrownBy(() -> decode(cut, 4096)).isInstanceOf(CorruptColumnException.class);
            }
        }
    }

    /** A copy of a record, in a dead letter or an old file, is no record where it lies. */
    @Test
    void recordOfAnotherPosition_isNone() {
        assertThatThrownBy(() -> decode(encode(RANKED), 4097)).isInstanceOf(CorruptColumnException.class);
    }
}
