package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The last epoch given out, in {@code <outbox>.epoch} beside the outbox's directory: it survives when the directory is
 * removed or replaced, so that a fresh outbox gets a larger epoch also on a box whose clock starts in 1970.
 */
final class EpochFile {
    private EpochFile() {}

    /** A larger epoch than any before, durable on return: milliseconds since 1970, or one more than the last. */
    static long next(Path outbox, Clock clock) throws IOException {
        Path file = outbox.resolveSibling(outbox.getFileName() + ".epoch");
        long last = 0;
        if (Files.exists(file)) {
            String text = Files.readString(file).trim();
            try {
                last = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new IOException(
                        file + " holds \"" + text + "\", expected the last epoch as a decimal number;"
                                + " remove the file when the outbox is new in earnest",
                        e);
            }
        }
        long epoch = Math.max(last + 1, clock.wallNs() / 1_000_000);
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, epoch + "\n");
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
        return epoch;
    }
}
