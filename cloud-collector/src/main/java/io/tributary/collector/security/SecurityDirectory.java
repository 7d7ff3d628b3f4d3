package io.tributary.collector.security;

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
import java.util.List;
import java.util.stream.Stream;

/**
 * Where everything lies.
 *
 * <pre>
 * ca.crt      the authority's certificate: what agents trust          ca.key    its key, mode 600
 * ca.crl      certificates taken back                                 server.pem  the collector's key and chain, mode 600
 * agents/     one file per agent: devices, invitation, certificates   tokens/   one file per token: role, hash
 * audit.log   JSON lines                                              lock      held while something is changed
 * </pre>
 *
 * Files are replaced whole: written beside, fsynced, renamed.
 */
public record SecurityDirectory(Path root) {
    Path authorityCertificate() {
        return root.resolve("ca.crt");
    }

    Path authorityKey() {
        return root.resolve("ca.key");
    }

    /** Certificates taken back, PEM. */
    public Path revocations() {
        return root.resolve("ca.crl");
    }

    /** Key and chain in one file, so that they change together. */
    public Path server() {
        return root.resolve("server.pem");
    }

    /** What agents' certificates are signed with. */
    public Path agentAuthorities() {
        return authorityCertificate();
    }

    Path agents() {
        return root.resolve("agents");
    }

    Path tokens() {
        return root.resolve("tokens");
    }

    public Path auditLog() {
        return root.resolve("audit.log");
    }

    /** A change that no other process may make at the same time. */
    interface Change<T> {
        T make() throws IOException;
    }

    /** Runs {@code change} while this process alone may change the directory. */
    <T> T changing(Change<T> change) throws IOException {
        synchronized (SecurityDirectory.class) { // a process cannot hold two locks of one file
            try (FileChannel channel = FileChannel.open(
                            root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("the lock of " + root + " was lost");
                }
                return change.make();
            }
        }
    }

    /** @param mode such as {@code rw-------} */
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
        forceDirectory(file);
    }

    private static void forceDirectory(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }
}
