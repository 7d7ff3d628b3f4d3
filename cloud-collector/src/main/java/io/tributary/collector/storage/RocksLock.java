package io.tributary.collector.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** RocksDB's own lock (fcntl on the file LOCK), so that nobody opens a database while its files are moved. */
final class RocksLock implements AutoCloseable {
    private final FileChannel channel;

    private RocksLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when another process has it */
    static RocksLock take(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("data directory " + directory
                        + " is in use by another process; stop that one or configure another directory");
            }
            return new RocksLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("data directory " + directory + " is in use by this process", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
