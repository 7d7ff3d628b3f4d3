package io.tributary.agent.enrol;

import io.tributary.config.SafeFiles;
import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        SafeFiles.replace(authority, Authority.pem(chain.get(1)), "rw-r--r--");
        SafeFiles.replace(identity, Keys.pem(key) + Authority.pem(chain.get(0)), "rw-------");
    }
}
