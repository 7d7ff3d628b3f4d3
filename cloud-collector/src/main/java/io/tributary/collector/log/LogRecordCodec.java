package io.tributary.collector.log;

import io.tributary.collector.partition.Origin;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.LongCodec;
import io.tributary.column.Utf8;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Log records to bytes and back; the layout is drawn in FORMAT.md. Any thread. */
public final class LogRecordCodec {
    private static final int VERSION = 1;
    private static final int HAS_ROW_SEQUENCES = 1;
    /** Version, CRC and header length. */
    private static final int PREFIX_BYTES = 9;

    private static final int AGENT_BYTES_MAX = 255;

    private LogRecordCodec() {}

    public static byte[] encode(LogRecord record) {
        ByteSink out = new ByteSink(record.batch().length + 96);
        out.writeByte(VERSION);
        out.writeInt(0);
        out.writeInt(0);
        byte[] agent = Utf8.encode(record.origin().agent());
        out.writeVarint(agent.length);
        out.writeBytes(agent);
        out.writeVarint(record.origin().epoch());
        out.writeVarint(record.firstSequence());
        out.writeLong(record.collectorTimeNs());
        out.writeVarint(record.readings());
        long[][] rows = record.rowSequences();
        out.writeByte(rows == null ? 0 : HAS_ROW_SEQUENCES);
        if (rows != null) {
            out.writeVarint(rows.length);
            for (long[] table : rows) {
                out.writeVarint(table.length);
                LongCodec.encode(table, 0, table.length, out);
            }
        }
        int headerLength = out.size() - PREFIX_BYTES;
        CRC32C crc = new CRC32C();
        crc.update(out.array(), PREFIX_BYTES, headerLength);
        putInt(out.array(), 1, (int) crc.getValue());
        putInt(out.array(), 5, headerLength);
        out.writeBytes(record.batch());
        return out.toByteArray();
    }

    /** @throws CorruptColumnException when the header is damaged; the batch is not looked into */
    public static LogRecord decode(byte[] bytes) throws CorruptColumnException {
        ByteSource prefix = new ByteSource(bytes);
        int version = prefix.readByte();
        if (version != VERSION) {
            throw new CorruptColumnException("log record of version " + version + ", expected " + VERSION);
        }
        int expected = prefix.readInt();
        int headerLength = prefix.readInt();
        ByteSource in = prefix.slice(headerLength);
        CRC32C crc = new CRC32C();
        crc.update(bytes, PREFIX_BYTES, headerLength);
        if ((int) crc.getValue() != expected) {
            throw new CorruptColumnException("log record header has CRC-32C %08x, the record says %08x"
                    .formatted((int) crc.getValue(), expected));
        }
        int agentLength = in.readCount("agent length", AGENT_BYTES_MAX);
        String agent = Utf8.decode(bytes, in.skip(agentLength), agentLength);
        long epoch = in.readVarint();
        long first = in.readVarint();
        long collectorTime = in.readLong();
        long readings = in.readVarint();
        long[][] rows = in.readByte() == 0 ? null : rowSequences(in, readings);
        in.expectEnd();
        byte[] batch = Arrays.copyOfRange(bytes, PREFIX_BYTES + headerLength, bytes.length);
        try {
            return new LogRecord(new Origin(agent, epoch), first, collectorTime, readings, rows, batch);
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

    private static void putInt(byte[] array, int at, int value) {
        for (int i = 0; i < 4; i++) {
            array[at + i] = (byte) (value >>> (8 * i));
        }
    }
}
