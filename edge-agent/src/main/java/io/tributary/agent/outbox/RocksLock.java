package io.tributary.agent.outbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** RocksDB's own lock (fcntl on the file LOCK), taken so that no agent opens the outbox meanwhile. */
final class RocksLock implements AutoCloseable {
    private final FileChannel channel;

    private RocksLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when another process has it */
    static RocksLock take(Path outbox) throws IOException {
        Files.createDirectories(outbox);
        FileChannel channel =
                FileChannel.open(outbox.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("outbox " + outbox + " is in use by another process; stop the agent first");
            }
            return new RocksLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("outbox " + outbox + " is in use by this process", e);
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
