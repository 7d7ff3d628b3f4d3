package io.tributary.collector.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A file of the log: records behind each other from a position on, which its name tells, too. The length grows while
 * records are appended; it is read by any thread.
 */
final class Segment {
    static final int HEADER_BYTES = 36;
    static final String SUFFIX = ".segment";
    private static final byte[] MAGIC = {'T', 'R', 'I', 'B', 'L', 'O', 'G', 1};
    /** Of a header that cannot be read. */
    static final long UNKNOWN = -1;

    final Path file;
    final long base;
    /** Of the first record; {@link #UNKNOWN} when the header is damaged. */
    final long number;
    /** Collector time of the first record, or earlier; the smallest long when the header is damaged. */
    final long timeNs;

    private volatile long end;

    Segment(Path file, long base, long number, long timeNs, long end) {
        this.file = file;
        this.base = base;
        this.number = number;
        this.timeNs = timeNs;
        this.end = end;
    }

    /** Position behind its last record. */
    long end() {
        return end;
    }

    void endsAt(long position) {
        end = position;
    }

    String name() {
        return String.valueOf(file.getFileName());
    }

    boolean isDamaged() {
        return number == UNKNOWN;
    }

    long fileOffset(long position) {
        return HEADER_BYTES + position - base;
    }

    static Path file(Path directory, long base) {
        return directory.resolve("%020d%s".formatted(base, SUFFIX));
    }

    ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putLong(base).putLong(number).putLong(timeNs);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, HEADER_BYTES - 4);
        header.putInt((int) crc.getValue());
        return header.flip();
    }

    /** A segment with the end of its file for its own; its header may be damaged, its name may not. */
    static Segment open(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        long base = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long size;
        try (FileChannel channel = FileChannel.open(file)) {
            size = channel.size();
            while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
                // a short file ends it
            }
        }
        byte[] bytes = header.array();
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, HEADER_BYTES - 4);
        boolean intact = size >= HEADER_BYTES
                && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && header.getInt(HEADER_BYTES - 4) == (int) crc.getValue()
                && header.getLong(8) == base;
        long end = base + Math.max(0, size - HEADER_BYTES);
        return intact
                ? new Segment(file, base, header.getLong(16), header.getLong(24), end)
                : new Segment(file, base, UNKNOWN, Long.MIN_VALUE, end);
    }
}
