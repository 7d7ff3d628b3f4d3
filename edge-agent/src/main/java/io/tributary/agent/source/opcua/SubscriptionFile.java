package io.tributary.agent.source.opcua;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which subscription of the server is ours, for the agent's next start: it takes it over with all that the server
 * could not deliver meanwhile.
 *
 * <pre>
 * tributary-opcua-subscription 1
 * opc.tcp://...            endpoint
 * 1234                     ID of the subscription
 * 9f86d081...              SHA-256 of what its handles mean
 * </pre>
 */
final class SubscriptionFile {
    private static final String HEADER = "tributary-opcua-subscription 1";
    private static final int LINES = 4;

    private final Path file;

    SubscriptionFile(Path file) {
        this.file = file;
    }

    /** Its ID, when there is one at this endpoint with these meanings. */
    @Nullable
    Long read(String endpoint, String meaning) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < LINES
                || !lines.get(0).equals(HEADER)
                || !lines.get(1).equals(endpoint)
                || !lines.get(3).equals(digest(meaning))) {
            return null;
        }
        try {
            return Long.parseUnsignedLong(lines.get(2)) & 0xFFFFFFFFL;
        } catch (NumberFormatException e) {
            return null; // not ours: a new subscription replaces it
        }
    }

    void write(String endpoint, long id, String meaning) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        String text = String.join("\n", HEADER, endpoint, String.valueOf(id), digest(meaning)) + "\n";
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String digest(String meaning) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(meaning.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has SHA-256", e);
        }
    }
}
