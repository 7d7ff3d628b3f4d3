package io.tributary.collector.log;

import io.tributary.column.CorruptColumnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one segment one after the other, over a window of its bytes. A file that is deleted meanwhile is
 * read to its end. Used by one thread.
 */
final class SegmentReader implements AutoCloseable {
    private static final int DAMAGED_BYTES_MAX = 1 << 20;

    private final Segment segment;
    private final FileChannel channel;
    private byte[] window;
    private long windowAt;
    private int windowLength;

    SegmentReader(Segment segment, int windowBytes) throws IOException {
        this.segment = segment;
        this.channel = FileChannel.open(segment.file);
        this.window = new byte[windowBytes];
        this.windowAt = segment.base;
    }

    Segment segment() {
        return segment;
    }

    /**
     * What lies at a position.
     *
     * @param end of what may be read
     * @param whole whether the payload is read and checked, too; without it the record has no batch
     */
    LogFrame frame(long position, long end, boolean whole) throws IOException {
        LogHeader header;
        try {
            header = header(position, end);
        } catch (CorruptColumnException e) {
            return damaged(position, resynchronize(position + 1, end), null, message(e));
        }
        long next = position + header.frameLength();
        try {
            LogRecord record = whole ? record(header, position) : LogRecordCodec.record(header);
            return new LogFrame(position, next, header.number(), position - header.group(), record, null, new byte[0]);
        } catch (CorruptColumnException e) {
            return damaged(position, next, header, message(e));
        }
    }

    private static String message(CorruptColumnException e) {
        return String.valueOf(e.getMessage());
    }

    private LogFrame damaged(long position, long next, @Nullable LogHeader header, String detail) throws IOException {
        int length = (int) Math.min(DAMAGED_BYTES_MAX, next - position);
        int at = window(position, length);
        byte[] bytes = Arrays.copyOfRange(window, at, at + length);
        LogRecord record = null;
        if (header != null) {
            try {
                record = LogRecordCodec.record(header);
            } catch (CorruptColumnException e) {
                return new LogFrame(position, next, -1, -1, null, detail + "; " + e.getMessage(), bytes);
            }
        }
        return new LogFrame(
                position,
                next,
                header == null ? -1 : header.number(),
                header == null ? -1 : position - header.group(),
                record,
                detail,
                bytes);
    }

    private LogHeader header(long position, long end) throws IOException, CorruptColumnException {
        int available = (int) Math.min(LogRecordCodec.PREFIX_BYTES, end - position);
        int at = window(position, available);
        if (available == LogRecordCodec.PREFIX_BYTES) {
            int length = LogRecordCodec.getInt(window, at + 8);
            if (length >= 0 && length <= LogRecordCodec.HEADER_BYTES_MAX) {
                available = (int) Math.min(available + length, end - position);
                at = window(position, available);
            }
        }
        LogHeader header = LogRecordCodec.header(window, at, available, position);
        if (header.frameLength() > end - position) {
            throw new CorruptColumnException(
                    "record of " + header.frameLength() + " bytes, " + (end - position) + " are left of the segment");
        }
        return header;
    }

    private LogRecord record(LogHeader header, long position) throws IOException, CorruptColumnException {
        int at = window(position, header.frameLength());
        return LogRecordCodec.record(header, window, at + header.length());
    }

    /** Where the next intact header begins, or the end. */
    private long resynchronize(long from, long end) throws IOException {
        for (long at = from; at < end; ) {
            int length = (int) Math.min(window.length, end - at);
            int begin = window(at, length);
            int found = indexOfMagic(begin, begin + length);
            if (found < 0) {
                // The magic may lie over the border of two windows.
                at += length < LogRecordCodec.MAGIC.length ? length : length - (LogRecordCodec.MAGIC.length - 1L);
                continue;
            }
            long candidate = at + found - begin;
            try {
                header(candidate, end);
                return candidate;
            } catch (CorruptColumnException e) {
                at = candidate + 1;
            }
        }
        return end;
    }

    private int indexOfMagic(int from, int to) {
        byte[] magic = LogRecordCodec.MAGIC;
        for (int i = from; i <= to - magic.length; i++) {
            if (window[i] == magic[0] && Arrays.equals(window, i, i + magic.length, magic, 0, magic.length)) {
                return i;
            }
        }
        return -1;
    }

    /** Index in the window of a position; everything up to {@code position + length} is in it, then. */
    private int window(long position, int length) throws IOException {
        if (position >= windowAt && position + length <= windowAt + windowLength) {
            return (int) (position - windowAt);
        }
        if (length > window.length) {
            window = new byte[Math.max(length, (int) Math.min(Integer.MAX_VALUE - 16, 2L * window.length))];
        }
        windowAt = position;
        windowLength = 0;
        ByteBuffer into = ByteBuffer.wrap(window);
        while (into.hasRemaining() && windowLength < length) {
            int read = channel.read(into, segment.fileOffset(position) + windowLength);
            if (read < 0) {
                throw new IOException("segment " + segment.file + " ends at byte " + channel.size() + ", expected "
                        + (segment.fileOffset(position) + length));
            }
            windowLength += read;
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
