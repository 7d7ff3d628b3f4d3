package io.tributary.agent.enrol;

import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Key and certificate of the agent in one file, mode 600, so that they change together; the authority beside it. Files are
 * replaced whole: written beside, fsynced, renamed.
 *
 * @param identity PEM: key, certificate
 * @param authority PEM
 */
public record IdentityFiles(Path identity, Path authority) {
    /** The usual names in a directory. */
    public static IdentityFiles in(Path directory) {
        return new IdentityFiles(directory.resolve("agent.pem"), directory.resolve("ca.crt"));
    }

    /** The agent's certificate as it is now. */
    public X509Certificate certificate() throws IOException {
        return Pem.certificates(identity).get(0);
    }

    /** @param chain the agent's certificate, then the authority's */
    public void write(PrivateKey key, List<X509Certificate> chain) throws IOException {
        Path directory = identity.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        replace(authority, Authority.pem(chain.get(1)), "rw-r--r--");
        replace(identity, Keys.pem(key) + Authority.pem(chain.get(0)), "rw-------");
    }

    static void replace(Path file, String text, String mode) throws IOException {
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
