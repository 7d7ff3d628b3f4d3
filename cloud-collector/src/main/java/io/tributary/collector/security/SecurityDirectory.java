package io.tributary.collector.security;

import io.tributary.config.SafeFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where everything lies.
 *
 * <pre>
 * ca.crt      the authority's certificate: what agents trust          ca.key    its key, mode 600
 * ca.crl      certificates taken back                                 server.pem  the collector's key and chain, mode 600
 * server-revoked.crt  certificates of the collector taken back
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

    /** Of the collector: those that were taken back, PEM; not there when there are none. */
    Path revokedServers() {
        return root.resolve("server-revoked.crt");
    }

    /** What agents' certificates are signed with. */
    public Path agentAuthorities() {
        return authorityCertificate();
    }

    Path agents() {
        return root.resolve("agents");
    }

    public Path tokens() {
        return root.resolve("tokens");
    }

    /** Held while something is changed. */
    public Path lock() {
        return root.resolve("lock");
    }

    public Path auditLog() {
        return root.resolve("audit.log");
    }

    /** Runs {@code change} while this process alone may change the directory. */
    <T> T changing(SafeFiles.Change<T> change) throws IOException {
        return SafeFiles.changing(lock(), change);
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
