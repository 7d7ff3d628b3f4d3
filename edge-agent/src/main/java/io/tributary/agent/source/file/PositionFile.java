package io.tributary.agent.source.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where reading goes on, durable. Written before each group of lines is handed in, and again when all is taken:
 *
 * <pre>
 * tributary-file-position 1 KEY OFFSET STAMP HEAD-LENGTH HEAD-CRC
 * </pre>
 *
 * KEY is what the system calls the file (device and inode, no blanks), OFFSET the first byte that is not known to be
 * taken, STAMP the arrival time of the line that begins there, the lines behind it count up. A crash after the outbox has
 * fsynced a group and before the next write makes its lines come again with the same stamps: the same readings, which the
 * collector stores once. HEAD tells a file from another that got its inode.
 */
final class PositionFile {
    private static final String MAGIC = "tributary-file-position";
    private static final int FIELDS = 7;

    private final Path path;

    PositionFile(Path path) {
        this.path = path;
    }

    /** @param stampNs 0: nothing has been stamped from here on */
    record Position(String key, long offset, long stampNs, int headLength, long headCrc) {}

    /**
     * @return null when there is none
     * @throws IOException when it cannot be read, or is something else: reading again from the beginning is for a human
     *     to decide
     */
    @Nullable
    Position read() throws IOException {
        String text;
        try {
            text = Files.readString(path, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return null;
        }
        String[] fields = text.trim().split(" ");
        try {
            if (fields.length == FIELDS && fields[0].equals(MAGIC) && fields[1].equals("1")) {
                return new Position(
                        fields[2],
                        Long.parseLong(fields[3]),
                        Long.parseLong(fields[4]),
                        Integer.parseInt(fields[5]),
                        Long.parseLong(fields[6]));
            }
        } catch (NumberFormatException e) {
            throw new IOException(broken(text), e);
        }
        throw new IOException(broken(text));
    }

    private String broken(String text) {
        String shown = text.substring(0, Math.min(100, text.length())).replaceAll("\\p{Cntrl}", "?");
        return path + " holds \"" + shown + "\", expected \"" + MAGIC + " 1\" and five more fields;"
                + " without the file, reading begins anew";
    }

    /** Durable on return; a crash leaves the old or the new one. */
    void write(Position position) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(path + " has no directory");
        }
        Files.createDirectories(parent);
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        Files.writeString(
                temporary,
                String.join(
                        " ",
                        MAGIC,
                        "1",
                        position.key(),
                        String.valueOf(position.offset()),
                        String.valueOf(position.stampNs()),
                        String.valueOf(position.headLength()),
                        String.valueOf(position.headCrc()) + "\n"));
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
