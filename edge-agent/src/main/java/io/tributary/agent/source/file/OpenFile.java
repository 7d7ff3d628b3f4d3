package io.tributary.agent.source.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** A file under the name that the system has for it, whatever its path is called meanwhile. */
final class OpenFile implements Closeable {
    /** Enough of the beginning to tell files apart. */
    private static final int HEAD_BYTES = 256;

    private final FileChannel channel;
    private final String key;

    private OpenFile(FileChannel channel, String key) {
        this.channel = channel;
        this.key = key;
    }

    static OpenFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        return new OpenFile(channel, key(path));
    }

    /** Device and inode; the path itself where the system has no such thing. */
    static String key(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return (key == null ? path.toAbsolutePath().toString() : key.toString()).replace(' ', '_');
    }

    String key() {
        return key;
    }

    long size() throws IOException {
        return channel.size();
    }

    /** @return fewer bytes at the end of the file */
    int read(long offset, byte[] into, int from) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, from, into.length - from);
        int total = 0;
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer, offset + total);
            if (count <= 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    /** The first line without its break; null when it is not complete within the bound. */
    byte @Nullable [] firstLine(int bytesMax) throws IOException {
        byte[] bytes = new byte[bytesMax];
        int size = read(0, bytes, 0);
        for (int i = 0; i < size; i++) {
            if (bytes[i] == '\n') {
                return Arrays.copyOf(bytes, i > 0 && bytes[i - 1] == '\r' ? i - 1 : i);
            }
        }
        return null;
    }

    PositionFile.Position position(long offset, long stampNs) throws IOException {
        int length = (int) Math.min(HEAD_BYTES, offset);
        return new PositionFile.Position(key, offset, stampNs, length, crc(length));
    }

    /** Whether a position is of this file, and not of one that had its inode before. */
    boolean has(PositionFile.Position position) throws IOException {
        return key.equals(position.key())
                && size() >= position.headLength()
                && crc(position.headLength()) == position.headCrc();
    }

    private long crc(int length) throws IOException {
        byte[] head = new byte[length];
        int size = read(0, head, 0);
        CRC32 crc = new CRC32();
        crc.update(head, 0, size);
        return crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
