package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last epoch given out, in {@code <outbox>.epoch} beside the outbox's directory: it survives when the directory is
 * removed or replaced, so that a fresh outbox gets a larger epoch also on a box whose clock starts in 1970.
 */
final class EpochFile {
    private static final Logger LOG = LoggerFactory.getLogger(EpochFile.class);

    private EpochFile() {}

    /** The last one given out; 0 when that is not known. */
    static long last(Path outbox) throws IOException {
        Path file = file(outbox);
        if (!Files.exists(file)) {
            return 0;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).trim();
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
            LOG.warn("{} does not hold the last epoch as a decimal number; moved to {}", file, aside, e);
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return 0;
        }
    }

    private static Path file(Path outbox) {
        return outbox.resolveSibling(outbox.getFileName() + ".epoch");
    }

    /** A larger epoch than any before, durable on return: milliseconds since 1970, or one more than the last. */
    static long next(Path outbox, Clock clock) throws IOException {
        return next(outbox, clock, 1);
    }

    static long next(Path outbox, Clock clock, long least) throws IOException {
        Path file = file(outbox);
        long epoch = Math.max(Math.max(last(outbox) + 1, least), clock.wallNs() / 1_000_000);
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
