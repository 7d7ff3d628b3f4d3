package io.tributary.collector.log;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.LongCodec;
import io.tributary.column.Utf8;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Log records to bytes and back; the layout is drawn in FORMAT.md. A record's checksum covers the position that it was
 * written for, so that a copy of a record inside another one, or left from an earlier file, is never taken for one. Any
 * thread.
 */
final class LogRecordCodec {
    /** Magic, CRC and header length. */
    static final int PREFIX_BYTES = 12;

    static final int HEADER_BYTES_MAX = 1 << 16;
    static final byte[] MAGIC = {'T', 'L', 'O', 'G'};

    private static final int VERSION = 1;
    private static final int HAS_ROW_SEQUENCES = 1;
    private static final int HAS_REJECTIONS = 2;
    private static final int IS_LOSS = 4;
    private static final int TEXT_BYTES_MAX = 1 << 15;

    private LogRecordCodec() {}

    /**
     * Everything before the batch, which follows as it is.
     *
     * @param out is cleared first
     */
    static void encode(LogRecord record, long position, long number, long group, ByteSink out) {
        byte[] extra = extra(record);
        byte[] batch = record.batch();
        CRC32C crc = new CRC32C();
        crc.update(extra, 0, extra.length);
        crc.update(batch, 0, batch.length);
        long[][] rows = record.rowSequences();
        String lost = record.lost();
        out.clear();
        out.writeBytes(MAGIC);
        out.writeInt(0);
        out.writeInt(0);
        out.writeByte(VERSION);
        out.writeVarint(Math.addExact(extra.length, batch.length));
        out.writeInt((int) crc.getValue());
        out.writeVarint(extra.length);
        out.writeVarint(number);
        out.writeVarint(group);
        out.writeLong(record.collectorTimeNs());
        writeText(out, record.origin().agent());
        out.writeVarint(record.origin().epoch());
        out.writeVarint(record.firstSequence());
        out.writeVarint(record.count());
        out.writeVarint(record.readings());
        out.writeByte((rows == null ? 0 : HAS_ROW_SEQUENCES)
                | (record.rejections().isEmpty() ? 0 : HAS_REJECTIONS)
                | (lost == null ? 0 : IS_LOSS));
        out.writeVarint(record.erased());
        if (lost != null) {
            writeText(out, lost);
        }
        int length = out.size() - PREFIX_BYTES;
        putInt(out.array(), 8, length);
        putInt(out.array(), 4, headerCrc(out.array(), 8, length + 4, position));
        out.writeBytes(extra);
    }

    private static byte[] extra(LogRecord record) {
        long[][] rows = record.rowSequences();
        if (rows == null && record.rejections().isEmpty()) {
            return new byte[0];
        }
        ByteSink out = new ByteSink(256);
        if (rows != null) {
            out.writeVarint(rows.length);
            for (long[] table : rows) {
                out.writeVarint(table.length);
                LongCodec.encode(table, 0, table.length, out);
            }
        }
        if (!record.rejections().isEmpty()) {
            out.writeVarint(record.rejections().size());
            for (RejectedRows rejected : record.rejections()) {
                byte[] payload = rejected.payload();
                out.writeVarint(rejected.range().first());
                out.writeVarint(rejected.range().count());
                out.writeVarint(rejected.readings());
                writeText(out, rejected.cause());
                writeText(out, rejected.detail());
                out.writeVarint(payload == null ? 0 : payload.length + 1L);
                if (payload != null) {
                    out.writeBytes(payload);
                }
            }
        }
        return out.toByteArray();
    }

    /** @throws CorruptColumnException when there is no intact header of a record that was written for this position */
    static LogHeader header(byte[] array, int at, int available, long position) throws CorruptColumnException {
        if (available < PREFIX_BYTES || !Arrays.equals(array, at, at + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new CorruptColumnException("no record begins here");
        }
        int length = getInt(array, at + 8);
        if (length < 0 || length > HEADER_BYTES_MAX || length > available - PREFIX_BYTES) {
            throw new CorruptColumnException("header of " + length + " bytes, expected at most "
                    + Math.min(HEADER_BYTES_MAX, available - PREFIX_BYTES));
        }
        int crc = headerCrc(array, at + 8, length + 4, position);
        if (crc != getInt(array, at + 4)) {
            throw new CorruptColumnException(
                    "header has CRC-32C %08x, the record says %08x".formatted(crc, getInt(array, at + 4)));
        }
        ByteSource in = new ByteSource(array, at + PREFIX_BYTES, length);
        int version = in.readByte();
        if (version != VERSION) {
            throw new CorruptColumnException("log record of version " + version + ", expected " + VERSION);
        }
        int payloadLength = in.readCount("payload length", Integer.MAX_VALUE - HEADER_BYTES_MAX - PREFIX_BYTES);
        int payloadCrc = in.readInt();
        int extraLength = in.readCount("extra length", payloadLength);
        long number = in.readVarint();
        long group = in.readVarint();
        long time = in.readLong();
        String agent = readText(in);
        long epoch = in.readVarint();
        long first = in.readVarint();
        long count = in.readVarint();
        long readings = in.readVarint();
        int flags = in.readByte();
        long erased = in.readVarint();
        String lost = (flags & IS_LOSS) == 0 ? null : readText(in);
        in.expectEnd();
        try {
            return new LogHeader(
                    PREFIX_BYTES + length,
                    payloadLength,
                    payloadCrc,
                    extraLength,
                    number,
                    group,
                    time,
                    new Origin(agent, epoch),
                    first,
                    count,
                    readings,
                    flags,
                    erased,
                    lost);
        } catch (IllegalArgumentException e) {
            throw new CorruptColumnException("log record: " + e.getMessage(), e);
        }
    }

    /** @throws CorruptColumnException when the payload is damaged; the batch is not looked into */
    static LogRecord record(LogHeader header, byte[] array, int payloadAt) throws CorruptColumnException {
        CRC32C crc = new CRC32C();
        crc.update(array, payloadAt, header.payloadLength());
        if ((int) crc.getValue() != header.payloadCrc()) {
            throw new CorruptColumnException("payload has CRC-32C %08x, the header says %08x"
                    .formatted((int) crc.getValue(), header.payloadCrc()));
        }
        ByteSource in = new ByteSource(array, payloadAt, header.extraLength());
        long[][] rows = (header.flags() & HAS_ROW_SEQUENCES) == 0 ? null : rowSequences(in, header.readings());
        List<RejectedRows> rejections = (header.flags() & HAS_REJECTIONS) == 0 ? List.of() : rejections(in);
        in.expectEnd();
        int end = payloadAt + header.payloadLength();
        return record(header, rows, rejections, Arrays.copyOfRange(array, payloadAt + header.extraLength(), end));
    }

    /** What the header alone tells. */
    static LogRecord record(LogHeader header) throws CorruptColumnException {
        return record(header, null, List.of(), new byte[0]);
    }

    private static LogRecord record(
            LogHeader header, long @Nullable [][] rows, List<RejectedRows> rejections, byte[] batch)
            throws CorruptColumnException {
        try {
            return new LogRecord(
                    header.origin(),
                    header.firstSequence(),
                    header.count(),
                    header.collectorTimeNs(),
                    header.readings(),
                    rows,
                    rejections,
                    header.erased(),
                    header.lost(),
                    batch);
        } catch (IllegalArgumentException e) {
            throw new CorruptColumnException("log record: " + e.getMessage(), e);
        }
    }

    private static long[][] rowSequences(ByteSource in, long readings) throws CorruptColumnException {
        int max = (int) Math.max(0, Math.min(readings, Integer.MAX_VALUE - 16));
        long[][] rows = new long[in.readCount("tables", Math.min(max, in.remaining()))][];
        int left = max;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new long[in.readCount("rows", left)];
            left -= rows[i].length;
            LongCodec.decode(in, rows[i].length, rows[i]);
        }
        return rows;
    }

    private static List<RejectedRows> rejections(ByteSource in) throws CorruptColumnException {
        int count = in.readCount("rejections", in.remaining());
        List<RejectedRows> rejections = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long first = in.readVarint();
            long sequences = in.readVarint();
            long readings = in.readVarint();
            String cause = readText(in);
            String detail = readText(in);
            int payload = in.readCount("payload of a rejection", in.remaining() + 1) - 1;
            byte[] bytes = null;
            if (payload >= 0) {
                int at = in.skip(payload);
                bytes = Arrays.copyOfRange(in.array(), at, at + payload);
            }
            try {
                rejections.add(new RejectedRows(new SequenceRange(first, sequences), readings, cause, detail, bytes));
            } catch (IllegalArgumentException e) {
                throw new CorruptColumnException("rejection: " + e.getMessage(), e);
            }
        }
        return rejections;
    }

    private static int headerCrc(byte[] array, int at, int length, long position) {
        CRC32C crc = new CRC32C();
        for (int i = 0; i < Long.BYTES; i++) {
            crc.update((int) (position >>> (8 * i)));
        }
        crc.update(array, at, length);
        return (int) crc.getValue();
    }

    /** Longer ones are cut: they are words and sentences for people. */
    private static void writeText(ByteSink out, String text) {
        byte[] bytes = Utf8.encode(text.length() > TEXT_BYTES_MAX / 4 ? text.substring(0, TEXT_BYTES_MAX / 4) : text);
        out.writeVarint(bytes.length);
        out.writeBytes(bytes);
    }

    private static String readText(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("text length", Math.min(TEXT_BYTES_MAX, in.remaining()));
        return Utf8.decode(in.array(), in.skip(length), length);
    }

    static int getInt(byte[] array, int at) {
        return (array[at] & 0xff)
                | (array[at + 1] & 0xff) << 8
                | (array[at + 2] & 0xff) << 16
                | (array[at + 3] & 0xff) << 24;
    }

    private static void putInt(byte[] array, int at, int value) {
        for (int i = 0; i < Integer.BYTES; i++) {
            array[at + i] = (byte) (value >>> (8 * i));
        }
    }
}
