package io.tributary.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Small files that have to survive a crash, and several processes that change them. Any thread. */
public final class SafeFiles {
    private SafeFiles() {}

    /** A change that no other process may make at the same time. */
    public interface Change<T> {
        T make() throws IOException;
    }

    /** Runs {@code change} while this process alone holds {@code lock}, a file that is made when it is not there. */
    public static <T> T changing(Path lock, Change<T> change) throws IOException {
        synchronized (SafeFiles.class) { // a process cannot hold two locks of one file
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                if (!held.isValid()) {
                    throw new IOException("the lock " + lock + " was lost");
                }
                return change.make();
            }
        }
    }

    /**
     * Replaces a file whole: written beside, fsynced, renamed.
     *
     * @param mode such as {@code rw-------}; the text is never there with another one
     */
    public static void replace(Path file, String text, String mode) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
