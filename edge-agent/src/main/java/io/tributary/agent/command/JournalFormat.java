package io.tributary.agent.command;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the commands' journal; FORMAT.md draws them. Integers are big endian.
 *
 * <pre>
 * "tributary commands 1\n"
 * record   length u32 | CRC-32C of what follows u32 | state u8 | expires i64 | time i64 | ID | outcome | detail
 *                                                                                each: u16 length, UTF-8
 * </pre>
 */
final class JournalFormat {
    private static final byte[] MAGIC = "tributary commands 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 8;
    private static final int TEXT_BYTES_MAX = 1 << 10;
    private static final int RECORD_BYTES_MAX = 17 + 3 * (2 + TEXT_BYTES_MAX);

    private JournalFormat() {}

    /** @param fault what ended the reading before the end of the file; null when nothing did */
    record Content(List<JournalRecord> records, @Nullable String fault) {}

    static byte[] magic() {
        return MAGIC.clone();
    }

    static byte[] record(JournalRecord record) {
        CommandResult result = record.result();
        byte[] id = text(result.id());
        byte[] outcome = text(result.outcome().word());
        byte[] detail = text(result.detail());
        int length = 17 + 6 + id.length + outcome.length + detail.length;
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + length);
        out.putInt(length).putInt(0);
        out.put((byte) (record.state().ordinal() + 1));
        out.putLong(record.expiresNs()).putLong(result.timeNs());
        for (byte[] each : List.of(id, outcome, detail)) {
            out.putShort((short) each.length).put(each);
        }
        out.putInt(4, crc(out.array(), HEADER_BYTES, length));
        return out.array();
    }

    /** Reads up to the first record that is not whole: what was being written when the power went. */
    static Content read(byte[] bytes) {
        List<JournalRecord> records = new ArrayList<>();
        if (!Arrays.equals(bytes, 0, Math.min(MAGIC.length, bytes.length), MAGIC, 0, MAGIC.length)) {
            return new Content(records, "does not begin with \"tributary commands 1\"");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, MAGIC.length, bytes.length - MAGIC.length);
        while (in.hasRemaining()) {
            int at = in.position();
            int length = in.remaining() < HEADER_BYTES ? -1 : in.getInt();
            if (length < 0 || length > RECORD_BYTES_MAX || in.remaining() < length + 4) {
                return new Content(records, (bytes.length - at) + " bytes at " + at + " are no whole record");
            }
            int crc = in.getInt();
            if (crc != crc(bytes, in.position(), length)) {
                return new Content(records, "the record at " + at + " has another checksum than it says");
            }
            try {
                records.add(record(in.slice(in.position(), length)));
            } catch (BufferUnderflowException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                return new Content(records, "the record at " + at + " cannot be understood: " + e);
            }
            in.position(in.position() + length);
        }
        return new Content(records, null);
    }

    private static JournalRecord record(ByteBuffer in) {
        JournalRecord.State state = JournalRecord.State.values()[in.get() - 1];
        long expires = in.getLong();
        long time = in.getLong();
        String id = text(in);
        Outcome outcome = Outcome.of(text(in));
        return new JournalRecord(state, expires, new CommandResult(id, outcome, text(in), time));
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xffff];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= TEXT_BYTES_MAX ? bytes : Arrays.copyOf(bytes, TEXT_BYTES_MAX);
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
